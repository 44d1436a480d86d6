import type { Clock } from '../shared/clock.js'

/** How often it is noted that this process runs, ms. */
const PULSE_MS = 250
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
  look(): void
  stop(): void
}

/**
 * A process that was stopped, starved or swapped out finds timers due and messages waiting that belong to a past in
 * which others acted in its place: a silence was none, a key came too late to count.
 *
 * @param stalled called with the length of the standstill, ms
 */
export function watchForStalls(clock: Clock, stalled: (ms: number) => void): StallWatch {
  let ranAt = clock.elapsed()
  const look = () => {
    const stood = clock.elapsed() - ranAt
    ranAt += stood
    if (stood >= STALL_MS) stalled(stood)
  }
  let stop = () => {}
  const beat = () => {
    look()
    stop = clock.after(PULSE_MS, beat)
  }
  beat()
  return {
    clock: {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      after: (ms, fn) =>
        clock.after(ms, () => {
          look()
          fn()
        }),
    },
    look,
    stop: () => stop(),
  }
}
