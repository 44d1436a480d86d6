import type { Leg } from './audio.js'
import type { CallId } from './ids.js'

/**
 * Whether the PBX silences a leg of every MixMonitor when the RTP source changes to a phone whose sequence numbers seem
 * older. `mended`: it does, and restarting the taps restores the leg. `present`: it does, and the taps cannot be
 * restarted.
 */
export type SideFault = 'none' | 'mended' | 'present' | 'unknown'

/** How long each leg may have been silenced before its tap is restarted, ms. An absent leg was not silenced. */
export type Silenced = Readonly<Partial<Record<Leg, number>>>

/** A stretch of time, ms since the epoch. */
export interface Span {
  from: number
  to: number
}

/** Finds gaps of a leg: packets arrive and the samples are constant silence. Moments are ms since the epoch. */
export interface SideLosses {
  /** Measures constant silence of a leg from a moment until its next sound. */
  watch(call: CallId, leg: Leg, from: number): void
  /**
   * Duration of the constant silence since then, by the samples received, ms. `heard` after a sound, or if nothing is
   * recorded.
   */
  silentMs(call: CallId, leg: Leg): number | 'heard'
  /**
   * Reports whether packets of the participants on the leg arrived in a span. The state lasts until the next report or
   * `left`.
   */
  packets(call: CallId, leg: Leg, from: number, to: number, came: boolean): void
  /** The participants on the leg have left it, or their packets are no longer counted. */
  left(call: CallId, leg: Leg, at: number): void
  /** Journals gaps that are not in the journal yet. The end of a recording does this without a call. */
  note(call: CallId): void
}
