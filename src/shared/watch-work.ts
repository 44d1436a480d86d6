/** How often work under way is reported, ms. */
const REPORT_MS = 250

/**
 * Reports how long work has been under way, until it is done. Of a report that comes late, only the usual time counts: while this process had no
 * processor, it could not notice that the work was done. So a machine that is too busy is told from a disk that hangs.
 *
 * @param report gets ms
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
