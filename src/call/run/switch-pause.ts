import type { Clock } from '../../core/clock.js'
import { waitAtMost } from '../../lib/deadline.js'
import type { RunningCall } from './running-call.js'

/** How long a program waits until its pause is stored, ms. If the database hangs, the spool stores the pause after up to 4 s. */
const STORED_TIMEOUT_MS = 4_500

/**
 * Pauses or resumes a call's recordings for a program. Resolves once the pause is stored durably, so that a later
 * service would know it; after 4.5 s at the latest.
 *
 * @returns `unrecorded` if nothing is being recorded
 */
export async function switchPause(
  call: RunningCall,
  to: 'pause' | 'resume',
  clock: Clock,
): Promise<'done' | 'unrecorded'> {
  const stored = call.pauses[to]('api', clock.now())
  if (!stored) return 'unrecorded'
  if (stored !== true) await waitAtMost(clock, STORED_TIMEOUT_MS, stored)
  return 'done'
}
