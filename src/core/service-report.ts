import type { SideFault } from './ports.js'

/** A service's report for checks and the console. A service of another version may omit some fields. */
export interface ServiceReport {
  pid: number
  /** The version that runs. */
  version: string
  /** When it was started, ISO 8601, UTC. */
  startedAt?: string
  /** Calls whose channel has not ended. */
  calls?: number
  /** `heldBytes`: audio that the keeper holds until it is durable. */
  keeper?: { running: boolean; heldBytes: number }
  /** Number of events that wait for the database. */
  waiting?: number
  /**
   * The transparency log: its size in events, whether it has stopped until an administrator acts, and how long events
   * have waited, ms.
   */
  log?: { size: number; stopped: boolean; behindMs: number }
  /** Where recordings of each purpose are stored. Disks that do not answer are absent. */
  places?: StorePlace[]
  /** Whether the PBX silences a leg of recordings. */
  sides?: SideFault
}

/** The store and the key store of a purpose. */
export interface StorePlace {
  purpose: string
  /** Whether the store can be written. */
  writable: boolean
  /** Whether the key store can be written. */
  keysWritable: boolean
  /** Free space and size of the store's disk, bytes. Null: not known. */
  free: number | null
  size: number | null
}

/** The result of a probe: a tone that Asterisk was to write into pipes of the tap folder. */
export interface TapProbe {
  /** True if the dialplan found the pipes and started to write. */
  started: boolean
  /** Bytes received, by leg: caller, agent. */
  bytes: readonly [number, number]
}

/** True if Asterisk wrote to both pipes. */
export const reachesPipes = ({ started, bytes }: TapProbe): boolean => started && bytes.every(one => one > 0)
