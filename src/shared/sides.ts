import type { Leg } from './audio.js'
import type { CallId } from './ids.js'

/**
 * Whether the PBX silences a side of every MixMonitor when the sound of another phone follows whose RTP sequence numbers look older.
 * `mended`: it does, and the taps can be restarted, which restores the side. `present`: it does, and they cannot.
 */
export type SideFault = 'none' | 'mended' | 'present' | 'unknown'

/** How long each leg may have been silenced before its tap is restarted, ms. A leg that is not named was not. */
export type Silenced = Readonly<Partial<Record<Leg, number>>>

/** A stretch of time, ms since the epoch. */
export interface Span {
  from: number
  to: number
}

/** Finds out what recordings lack of a leg whose packets come and whose samples are constant silence. Moments are ms since the epoch. */
export interface SideLosses {
  /** Measures how long a leg of a call is constant silence after a moment, until its next sound. */
  watch(call: CallId, leg: Leg, from: number): void
  /** How long the leg has been constant silence since then, by the samples that have come, ms; `heard` once there was a sound, or if nothing is recorded. */
  silentMs(call: CallId, leg: Leg): number | 'heard'
  /** Whether packets of those who are heard on the leg came during a time. Until the next report, or `left`, they go on as they were. */
  packets(call: CallId, leg: Leg, from: number, to: number, came: boolean): void
  /** Those who were heard on the leg are heard there no more, or nobody counts their packets. */
  left(call: CallId, leg: Leg, at: number): void
  /** Journals what is found to be missing and was not journalled before. At the end of a recording that is done without it. */
  note(call: CallId): void
}
