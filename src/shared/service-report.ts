import type { SideFault } from './ports.js'

/** What a service says of itself, to a check and to the console. A service of an earlier version says less. */
export interface ServiceReport {
  pid: number
  /** The version that runs. */
  version: string
  /** When it was started, ISO 8601, UTC. */
  startedAt?: string
  /** Calls whose channel has not ended. */
  calls?: number
  /** `heldBytes`: audio that it keeps until it is durable. */
  keeper?: { running: boolean; heldBytes: number }
  /** Events that wait for the database. */
  waiting?: number
  /** The transparency log: its events, whether it stands still until somebody acts, and how long events have been waiting for it, ms. */
  log?: { size: number; stopped: boolean; behindMs: number }
  /** Where recordings of each purpose go, as far as the disks answer. */
  places?: StorePlace[]
  /** Whether the PBX silences a side of recordings. A service of an earlier version does not say it. */
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

/** What became of a tone that Asterisk was to write into pipes of the tap folder. */
export interface TapProbe {
  /** Whether the dialplan found the pipes and started to write. */
  started: boolean
  /** Bytes that arrived: of what the caller says, and of what the caller hears. */
  bytes: readonly [number, number]
}

/** Whether Asterisk wrote to both pipes. */
export const reachesPipes = ({ started, bytes }: TapProbe): boolean => started && bytes.every(one => one > 0)
