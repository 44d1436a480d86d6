import { DAY_MS, dayOf } from '../shared/clock.js'
import type { KeptRecording } from './audit-rows.js'
import type { AuditFault } from './faults.js'
import type { JournalledRecording } from './journalled-recordings.js'

/**
 * How long after its moment a recording may still be there, ms. A day's recordings are destroyed in the course of that day
 * by the next run, whose interval the operator chooses.
 */
const GRACE_MS = DAY_MS

/**
 * Holds a recording against its term: that it is gone in time unless it is held, and that its day is the one that was
 * journalled, which is no later than what the caller agreed to.
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
    faults.push({ kind: 'overdue', what: `was to be destroyed by ${due}`, where: row.id })
  else if (!live && revokedAt && revokedAt.getTime() < now - GRACE_MS)
    faults.push({ kind: 'overdue', what: 'its consent was withdrawn, or its erasure ordered', where: row.id })
  const journalledDue = journalled?.prepared?.due
  // A day more: the term began at most some milliseconds before the moment of the row.
  const agreed = dayOf(row.preparedAt.getTime() + (row.retentionDays + 1) * DAY_MS)
  if (journalledDue !== undefined && journalledDue !== due)
    faults.push({
      kind: 'term-differs',
      what: `due on ${due}, journalled as ${journalledDue}`,
      where: row.id,
    })
  else if (due > agreed)
    faults.push({
      kind: 'term-differs',
      what: `due on ${due}, agreed for ${row.retentionDays} days`,
      where: row.id,
    })
  return faults
}
