import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../shared/errors.js'

/** Longest wait for a committed event to enter the log, ms. It usually takes a second. */
const LONGEST_WAIT_MS = 5_000
const RETRY_MS = 250

/**
 * Repeats `work` while it fails with a retryable error, because an event may not be in the log yet.
 *
 * @throws what `work` throws: at once if not retryable, otherwise after `LONGEST_WAIT_MS`
 */
export async function retryUntilLogged<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST_WAIT_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const retryable = error instanceof AppError && error.retryable
      if (!retryable || performance.now() > end) throw error
      await pause(RETRY_MS)
    }
  }
}
