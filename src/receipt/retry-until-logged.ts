import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../shared/errors.js'

/** How long to wait for what was just committed to enter the log, ms; ordinarily that takes a second. */
const LONGEST_WAIT_MS = 5_000
const RETRY_MS = 250

/** Tries until it succeeds, as long as what is missing may still come. */
export async function retryUntilLogged<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST_WAIT_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const early = error instanceof AppError && error.retryable
      if (!early || performance.now() > end) throw error
      await pause(RETRY_MS)
    }
  }
}
