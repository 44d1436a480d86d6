import { DAY_MS, dayOf } from '../../core/clock.js'
import { counted } from '../../lib/plural.js'
import type { KeptRecording } from './audit-rows.js'
import type { AuditFault } from './faults.js'
import type { JournalledRecording } from './journalled-recordings.js'

/**
 * How long a recording may remain after it became due, ms. The next purge destroys it, and the operator chooses how
 * often the purge runs.
 */
const GRACE_MS = DAY_MS

/**
 * Checks the retention of a recording:
 *
 * - The recording is not overdue, unless a hold or block keeps it.
 * - Its due day is the journalled one.
 * - Its due day is not later than the retention to which the caller agreed.
 *
 * @param now ms since the epoch
 */
export function checkRetention(
  row: KeptRecording,
  journalled: JournalledRecording | undefined,
  now: number,
): AuditFault[] {
  const faults: AuditFault[] = []
  const { due, revokedAt, held } = row
  const live = row.state === 'recording' && now - row.preparedAt.getTime() < DAY_MS
  if (!live && !held && due <= dayOf(now - GRACE_MS))
    faults.push({ kind: 'overdue', what: `it should have been destroyed by ${due}`, where: row.id })
  else if (!live && revokedAt && revokedAt.getTime() < now - GRACE_MS)
    faults.push({
      kind: 'overdue',
      what: 'it should have been destroyed when its consent was withdrawn or its erasure ordered',
      where: row.id,
    })
  const journalledDue = journalled?.prepared?.due
  // One day is added, because the retention may begin some milliseconds before the time in the row, on the previous day.
  const agreed = dayOf(row.preparedAt.getTime() + (row.retentionDays + 1) * DAY_MS)
  if (journalledDue !== undefined && journalledDue !== due)
    faults.push({
      kind: 'term-differs',
      what: `it is due on ${due}, but the journal says ${journalledDue}`,
      where: row.id,
    })
  else if (due > agreed)
    faults.push({
      kind: 'term-differs',
      what: `it is due on ${due}, but the caller agreed to ${counted(row.retentionDays, 'day', 'days')}`,
      where: row.id,
    })
  return faults
}
