import type { Clock } from '../shared/clock.js'

/** How often the lag is measured, ms. */
const BEAT_MS = 100
/** Weight of the newest measurement. With it, the lag of one pause fades within a second. */
const WEIGHT = 0.2

/** Measures how late this process runs its timers. */
export interface LagMeter {
  /** Weighted average over the last second, ms. */
  readonly ms: number
  stop(): void
}

export function measureLag(clock: Clock): LagMeter {
  let lag = 0
  let expectedAt = clock.elapsed() + BEAT_MS
  let cancel = () => {}
  const beat = () => {
    const now = clock.elapsed()
    lag += WEIGHT * (Math.max(0, now - expectedAt) - lag)
    expectedAt = now + BEAT_MS
    cancel = clock.after(BEAT_MS, beat)
  }
  cancel = clock.after(BEAT_MS, beat)
  return {
    get ms() {
      return lag
    },
    stop: () => cancel(),
  }
}
