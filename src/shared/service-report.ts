import type { SideFault } from './ports.js'

/** What a service says of itself to a check. */
export interface ServiceReport {
  pid: number
  /** The version that runs. */
  version: string
  /** Whether it has a keeper. A service of an earlier version does not say it. */
  keeper?: boolean
  /** Whether the PBX silences a side of recordings. A service of an earlier version does not say it. */
  sides?: SideFault
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
