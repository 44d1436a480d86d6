/** Time as the rest of the code sees it, so that tests can move it. */
export interface Clock {
  /** Wall clock, ms since the epoch, UTC. */
  now(): number
  /** Monotonic clock, ms from an arbitrary start; for durations. */
  elapsed(): number
  /** Calls `fn` once after `ms`; the result cancels it. */
  after(ms: number, fn: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}
