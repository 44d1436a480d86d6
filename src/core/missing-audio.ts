import type { PauseBy } from './party-events.js'

/**
 * Why an ended recording is empty, or has less than 95 % of its unpaused time. `hung-up`: the call ended before audio
 * could arrive. `nothing-came`: no audio arrived, because neither leg sent any, or the tap did not run. A pause: it
 * covered the call. Otherwise: the reason of the `recording.gap` with the largest part of the gap.
 */
export interface MissingAudio {
  /** How much of the unpaused time is missing, ms. */
  missingMs: number
  reason: string
}

/** Reasons that are not faults. */
const EXPECTED: ReadonlySet<string> = new Set<PauseBy | 'own-side' | 'hung-up'>([
  ...(['agent', 'api', 'party', 'own-side', 'hold', 'hung-up'] as const),
])

/** True if the reason may be a fault. */
export const isUnexpected = ({ reason }: MissingAudio): boolean => !EXPECTED.has(reason)
