import type { PauseBy } from './party-events.js'

/**
 * Why a recording that ended is empty, or has less than 95 % of the time in which it was not paused. `hung-up`: the call ended before any audio
 * could come. `nothing-came`: no audio came through the tap, because neither side sent any, or the tap did not run. A pause: it covered the call. Any
 * other is the reason of `recording.gap` that has the most of what is missing.
 */
export interface MissingAudio {
  /** How much of the time in which it was not paused is missing, ms. */
  missingMs: number
  reason: string
}

/** Reasons that are no fault. */
const EXPECTED: ReadonlySet<string> = new Set<PauseBy | 'own-side' | 'hung-up'>([
  ...(['agent', 'api', 'party', 'own-side', 'hold', 'hung-up'] as const),
])

/** Whether the reason may be a fault. */
export const isUnexpected = ({ reason }: MissingAudio): boolean => !EXPECTED.has(reason)
