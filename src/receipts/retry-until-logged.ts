import { systemClock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { retry } from '../lib/retry.js'

/** Longest wait for a committed event to enter the log, ms. It usually takes a second. */
const LONGEST_WAIT_MS = 5_000
/** Wait between two attempts, ms. A quarter of the usual time, so that a person hardly waits longer than needed. */
const RETRY_MS = 250

/**
 * Repeats `work` while it fails with a retryable error, because an event may not be in the log yet.
 *
 * @throws what `work` throws: at once if not retryable, otherwise after `LONGEST_WAIT_MS`
 */
export function retryUntilLogged<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST_WAIT_MS
  const isFinal = (error: unknown) =>
    !(error instanceof AppError && error.retryable) || performance.now() > end
  return retry(work, { clock: systemClock, waitsMs: [RETRY_MS], giveUp: isFinal })
}
