/** The source of time for all other code, so that tests can set the time. */
export interface Clock {
  /** Wall clock, ms since the epoch, UTC. */
  now(): number
  /** Monotonic clock for durations, ms from an arbitrary start. */
  elapsed(): number
  /** Calls `fn` after at least `ms` milliseconds. @returns cancels the call */
  after(ms: number, fn: () => void): () => void
}

/** One day, ms. */
export const DAY_MS = 86_400_000

/**
 * The day of a moment in UTC, `YYYY-MM-DD`. Retention counts such days.
 *
 * @param at ms since the epoch
 */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/**
 * The day at whose beginning (UTC) a retention is over, `YYYY-MM-DD`.
 *
 * @param from its beginning, ms since the epoch
 */
export const dueDay = (from: number, retentionDays: number): string => dayOf(from + retentionDays * DAY_MS)

/**
 * The offset of this machine's local time (`TZ`, else the system's zone) from UTC, such as `+03:00`.
 *
 * @param at ms since the epoch; the offset changes with daylight saving time
 */
export function utcOffset(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset()
  const digits = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${digits(size / 60)}:${digits(size % 60)}`
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, fn) {
    // Node counts whole milliseconds and may call up to 1 ms early.
    const timer = setTimeout(fn, Math.ceil(ms) + 1)
    return () => clearTimeout(timer)
  },
}

/** Timers like those of `systemClock`, for waits that must not keep an otherwise idle process alive. */
export const backgroundTimers: Pick<Clock, 'after'> = {
  after(ms, fn) {
    const timer = setTimeout(fn, Math.ceil(ms) + 1).unref()
    return () => clearTimeout(timer)
  },
}
