import type { Clock } from '../shared/clock.js'

/** How often it is noted that this process runs, ms. */
const CHECK_INTERVAL_MS = 250
/**
 * After so long a standstill callers may have been rescued from us, ms: the keeper waits 3 s from our last answer to
 * its pings, which come each second.
 */
const STALL_MS = 2_000

/** Notices that this process stood still, before anything is done that waited meanwhile. */
export interface StallWatch {
  /** A clock whose timers look first whether they are late because everything was. */
  clock: Clock
  /** To be called before anything that came from outside is acted on. */
  check(): void
  stop(): void
}

/**
 * A process that was stopped, starved or swapped out finds timers due and messages waiting that belong to a past in
 * which others acted in its place: a silence was none, a key came too late to count.
 *
 * @param stalled called with the length of the standstill, ms
 */
export function watchForStalls(clock: Clock, stalled: (ms: number) => void): StallWatch {
  let lastRunAt = clock.elapsed()
  const check = () => {
    const stalledMs = clock.elapsed() - lastRunAt
    lastRunAt += stalledMs
    if (stalledMs >= STALL_MS) stalled(stalledMs)
  }
  let stop = () => {}
  const checkRegularly = () => {
    check()
    stop = clock.after(CHECK_INTERVAL_MS, checkRegularly)
  }
  checkRegularly()
  return {
    clock: {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      after: (ms, fn) =>
        clock.after(ms, () => {
          check()
          fn()
        }),
    },
    check: check,
    stop: () => stop(),
  }
}
