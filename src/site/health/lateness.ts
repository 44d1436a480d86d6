import type { Clock } from '../../core/clock.js'
import type { CallWork, WorkTimer } from '../../lib/work.js'

/** Interval of measurements, ms. */
const BEAT_MS = 100
/** Weight of the newest measurement. A single late one then fades within a second. */
const WEIGHT = 0.2

/**
 * Work in progress for longer does not count, ms: it hangs, and has an alarm of its own. Otherwise it would close the
 * gate for ever.
 */
const HANGS_MS = 10_000

/** What may be late: the process itself, or work that callers wait for. */
export type Late = 'process' | CallWork

/** Measures the delay of this process's timers, and of the work that callers wait for. */
export interface LatenessMeter extends WorkTimer {
  /** Delay of the process: weighted average over the last second, ms. */
  readonly lagMs: number
  /**
   * The slowest work and its duration: a weighted average of the slowest of each beat, unfinished work included, ms.
   */
  readonly worst: { readonly what: Late; readonly ms: number }
  stop(): void
}

interface Measure {
  averageMs: number
  /** The slowest work finished since the last beat, ms. */
  doneMs: number
  /** The starts of unfinished work, the oldest first, ms. */
  readonly begun: Set<{ at: number }>
}

/** Duration of the oldest unfinished work, ms. */
function oldestMs({ begun }: Measure, now: number): number {
  for (const entry of begun) {
    if (now - entry.at < HANGS_MS) return now - entry.at
    begun.delete(entry)
  }
  return 0
}

export function measureLateness(clock: Pick<Clock, 'elapsed' | 'after'>): LatenessMeter {
  const measures = new Map<Late, Measure>()
  const measureOf = (what: Late): Measure => {
    const measure = measures.get(what) ?? { averageMs: 0, doneMs: 0, begun: new Set() }
    measures.set(what, measure)
    return measure
  }
  const process = measureOf('process')
  let expectedAt = clock.elapsed() + BEAT_MS
  let cancel = () => {}
  const beat = () => {
    const now = clock.elapsed()
    process.doneMs = Math.max(0, now - expectedAt)
    expectedAt = now + BEAT_MS
    for (const measure of measures.values()) {
      const slowestMs = Math.max(measure.doneMs, oldestMs(measure, now))
      measure.averageMs += WEIGHT * (slowestMs - measure.averageMs)
      measure.doneMs = 0
    }
    cancel = clock.after(BEAT_MS, beat)
  }
  cancel = clock.after(BEAT_MS, beat)
  return {
    get lagMs() {
      return process.averageMs
    },
    get worst() {
      let worst = { what: 'process' as Late, ms: process.averageMs }
      for (const [what, { averageMs: ms }] of measures) if (ms > worst.ms) worst = { what, ms }
      return worst
    },
    time(what, work) {
      const measure = measureOf(what)
      const entry = { at: clock.elapsed() }
      measure.begun.add(entry)
      const done = () => {
        measure.begun.delete(entry)
        measure.doneMs = Math.max(measure.doneMs, clock.elapsed() - entry.at)
      }
      work.then(done, done)
      return work
    },
    stop: () => cancel(),
  }
}
