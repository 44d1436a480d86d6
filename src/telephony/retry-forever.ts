import type { Clock } from '../shared/clock.js'

/** Waits between attempts, ms. The last one repeats, so that a PBX that returns after an hour is found within 2 s. */
const RETRY_MS = [100, 200, 500, 1_000, 2_000]

export interface RetryOptions {
  clock: Pick<Clock, 'after'>
  /** Whether to stop trying. */
  cancelled(): boolean
  /** Called with the first failure only, because all others belong to the same outage. */
  onFirstFailure(error: unknown): void
}

/** Repeats `attempt` until it succeeds or is cancelled, at intervals that grow to 2 s. Never rejects. */
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
