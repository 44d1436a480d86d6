import type { Trouble } from '../../../core/alarms.js'
import type { Clock } from '../../../core/clock.js'
import type { MonitoredParts } from '../monitored-parts.js'

/**
 * Longest stall of the log while events wait, ms. It takes an event within a second, and waits a second for a writer.
 */
const BEHIND_MS = 10_000

const HELD =
  'the transparency log stands still: for ten seconds no event has entered it, although events wait. Something holds its lock or a table of the journal, or no running service has its key'

/**
 * The check of the transparency log. Time without the database does not count, because that has an alarm of its own.
 *
 * @returns a function that returns the present troubles
 */
export function logTroubles(
  clock: Pick<Clock, 'elapsed'>,
  { journal, journalLog }: Pick<MonitoredParts, 'journal' | 'journalLog'>,
): () => Trouble[] {
  let countedFrom = clock.elapsed()
  return () => {
    const { stopped, behindMs } = journalLog.state
    const now = clock.elapsed()
    if (!journal.available) countedFrom = now
    if (stopped !== undefined)
      return [{ alarm: 'log-stopped', detail: `the transparency log has stopped: ${stopped}` }]
    const behind = Math.min(behindMs, now - countedFrom) >= BEHIND_MS
    return behind ? [{ alarm: 'log-stopped', detail: HELD }] : []
  }
}
