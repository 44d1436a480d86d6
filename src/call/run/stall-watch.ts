import type { Clock } from '../../core/clock.js'

/** How often the watch checks that this process runs, ms. */
const CHECK_INTERVAL_MS = 250
/**
 * Shortest stall after which the keeper may have rescued our callers, ms. The keeper pings each second and rescues 3 s after our
 * last reply. That reply may have been sent 1 s before the stall.
 */
const STALL_MS = 2_000

/** Detects that this process stalled, before the process acts on anything that waited during the stall. */
export interface StallWatch {
  /** A clock whose timers check for a stall before they run. */
  clock: Clock
  /** Checks for a stall. Must be called before the process acts on anything from outside. */
  check(): void
  /** Sets the callback for each stall. @param callback called with the length of the stall, ms */
  onStall(callback: (ms: number) => void): void
  stop(): void
}

/**
 * Watches for stalls: the process was stopped, starved or swapped out. After a stall, timers are due and messages wait
 * that are no longer valid, because the keeper acted meanwhile. An apparent silence proves nothing, and a key came too
 * late to count.
 */
export function watchForStalls(clock: Clock): StallWatch {
  let stalled = (_ms: number) => {}
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
    check,
    onStall(callback) {
      stalled = callback
    },
    stop: () => stop(),
  }
}
