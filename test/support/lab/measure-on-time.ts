import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Longest delay of the event loop in a valid measurement, ms. Packets come every 20 ms. */
const MAX_DELAY_MS = 30
const TRIES = 6

/**
 * Measures, and repeats the measurement if the event loop was late meanwhile: that result would tell of the machine's load,
 * not of the service. The last try counts in any case.
 *
 * @param isLate finds lateness of other processes in a result
 */
export async function measureOnTime<T>(
  measure: () => Promise<T>,
  isLate: (result: T) => Promise<boolean> = async () => false,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const result = await measure()
    delay.disable()
    if (tries === TRIES) return result
    if (delay.max / 1e6 < MAX_DELAY_MS && !(await isLate(result))) return result
  }
}
