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
