/** Time as the rest of the code sees it, so that tests can move it. */
export interface Clock {
  /** Wall clock, ms since the epoch, UTC. */
  now(): number
  /** Monotonic clock, ms from an arbitrary start; for durations. */
  elapsed(): number
  /** Calls `fn` once `ms` have passed, never sooner; the result cancels it. */
  after(ms: number, fn: () => void): () => void
}

/** One day, ms. */
export const DAY_MS = 86_400_000

/**
 * The day of a moment in UTC, `YYYY-MM-DD`; all terms are of such days.
 *
 * @param at ms since the epoch
 */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/**
 * How far this machine's local time (`TZ`, else the system's zone) is ahead of UTC: `+03:00`.
 *
 * @param at ms since the epoch; the offset changes with the seasons
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
    // Node counts whole ms and may be up to one of them early.
    const timer = setTimeout(fn, Math.ceil(ms) + 1)
    return () => clearTimeout(timer)
  },
}
