import type { Clock } from '../shared/clock.js'

/** Waits between attempts, ms; the last one repeats for ever: a PBX that comes back after an hour is found within it. */
const RETRY_MS = [100, 200, 500, 1_000, 2_000]

export interface RetryOptions {
  clock: Pick<Clock, 'after'>
  /** Nobody wants it any more. */
  cancelled(): boolean
  /** Told of the first failure; all others are of the same outage. */
  onFirstFailure(error: unknown): void
}

/** Repeats what fails, for ever, at intervals that grow to two seconds. Never rejects. */
export async function retryForever(
  attempt: () => Promise<void>,
  { clock, cancelled, onFirstFailure }: RetryOptions,
): Promise<void> {
  for (let failures = 0; !cancelled(); failures += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (failures === 0) onFirstFailure(error)
      const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!
      await new Promise<void>(resolve => clock.after(wait, resolve))
    }
  }
}
