import type { Clock } from '../shared/clock.js'

/** How often this process tries to be on time, ms. */
const BEAT_MS = 100
/** Weight of the newest beat: after a pause of the process the lag is forgotten within a second. */
const WEIGHT = 0.2

/** How late this process is with what it has to do. */
export interface LagMeter {
  /** Of the last second or so, on average, ms. */
  readonly ms: number
  stop(): void
}

export function measureLag(clock: Clock): LagMeter {
  let lag = 0
  let due = clock.elapsed() + BEAT_MS
  let cancel = () => {}
  const beat = () => {
    const now = clock.elapsed()
    lag += WEIGHT * (Math.max(0, now - due) - lag)
    due = now + BEAT_MS
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
