/** Calls a function once, and keeps its result or its error. */
export function once<T>(work: () => T): () => T {
  let kept: { value: T } | { error: unknown } | undefined
  return () => {
    if (!kept) {
      try {
        kept = { value: work() }
      } catch (error) {
        kept = { error }
      }
    }
    if ('error' in kept) throw kept.error
    return kept.value
  }
}

/** Makes a function that runs `work`, or waits for the run in progress. Concurrent calls cost as much as one. */
export function joinWork<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}

/**
 * Work that callers wait for: an order to the PBX, the commit of an answer, disk work of a recording, a check of a
 * prompt's files.
 */
export type CallWork = 'pbx' | 'commit' | 'storage' | 'prompts'

/** Measures how long such work takes, so that no more callers are asked than can be served. */
export interface WorkTimer {
  /** @returns `work` itself */
  time<T>(what: CallWork, work: Promise<T>): Promise<T>
}

/** Interval of reports, ms. */
const REPORT_MS = 250

/**
 * Reports how long work has been in progress, until it is done. A late report counts only one interval: a process
 * without processor time could not notice the end of the work. So a busy machine is not mistaken for a hanging disk.
 *
 * @param report called with the duration, ms
 * @returns `work` itself
 */
export function watchWork<T>(work: Promise<T>, report: (ms: number) => void): Promise<T> {
  let underWayMs = 0
  let reportedAt = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    underWayMs += Math.min(now - reportedAt, REPORT_MS)
    reportedAt = now
    report(underWayMs)
  }, REPORT_MS)
  timer.unref()
  const stop = () => clearInterval(timer)
  work.then(stop, stop)
  return work
}
