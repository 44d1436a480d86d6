import type { Clock } from '../shared/clock.js'

/** Waits between attempts, ms; the last one repeats for ever: a PBX that comes back after an hour is found within it. */
const RETRY_MS = [100, 200, 500, 1_000, 2_000]

export interface KeepTrying {
  clock: Pick<Clock, 'after'>
  /** Nobody wants it any more. */
  givenUp(): boolean
  /** Told of the first failure; all others are of the same outage. */
  failed(error: unknown): void
}

/** Repeats what fails, for ever, at intervals that grow to two seconds. Never rejects. */
export async function keepTrying(
  attempt: () => Promise<void>,
  { clock, givenUp, failed }: KeepTrying,
): Promise<void> {
  for (let failures = 0; !givenUp(); failures += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (failures === 0) failed(error)
      const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!
      await new Promise<void>(resolve => clock.after(wait, resolve))
    }
  }
}
