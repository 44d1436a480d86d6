import { dayOf } from '../../core/clock.js'
import type { DestructionCause } from '../../core/events.js'
import type { RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { keptRecordings } from '../../journal/read/holds-in-force.js'
import { STALE_AFTER_MS } from '../destroy/destroy.js'

/** A recording that the purge should destroy now. */
export interface DueRecording {
  recording: RecordingId
  /** The caller withdrew consent, or asked for erasure. Null: the due day has come. */
  revoked: 'withdrawal' | 'erasure' | null
  /** A hold or a block keeps the recording. */
  kept: boolean
}

/** The plan of a purge. */
export interface PurgePlan {
  /** By cause, because each cause gets an act of its own. The order of the recordings is kept. */
  destroy: Map<DestructionCause, RecordingId[]>
  held: RecordingId[]
}

/** Plans a purge for a moment. @param at ms since the epoch */
export const planPurge = async (db: Db, at: number): Promise<PurgePlan> =>
  decideAboutDue(await listDueRecordings(db, at))

/**
 * Decides which due recordings are destroyed. A hold keeps a recording past its retention and from erasure. A hold does not keep
 * a recording whose caller withdrew consent.
 */
export function decideAboutDue(due: Iterable<DueRecording>): PurgePlan {
  const plan: PurgePlan = { destroy: new Map(), held: [] }
  for (const { recording, revoked, kept } of due) {
    const cause = revoked ?? 'term'
    if (kept && cause !== 'withdrawal') {
      plan.held.push(recording)
      continue
    }
    const same = plan.destroy.get(cause)
    if (same) same.push(recording)
    else plan.destroy.set(cause, [recording])
  }
  return plan
}

/**
 * Lists the recordings that are due at a moment: their due day has come (UTC), or their caller withdrew or asked for erasure.
 * Withdrawn and erased recordings come first, then the oldest due day. A recording in progress is listed only when it was
 * prepared more than a day ago, because its service is then lost.
 *
 * @param at ms since the epoch
 */
async function listDueRecordings(db: Db, at: number): Promise<DueRecording[]> {
  const moment = new Date(at)
  const { rows } = await sql<DueRecording>`
    -- A withdrawal sets withdrawn_at and revoked_at to the same time. An erasure sets revoked_at alone.
    with kept as materialized (select distinct recording from (${keptRecordings(moment)}) every)
    select r.id as recording, kept.recording is not null as kept,
      case when r.revoked_at is null then null
        when r.revoked_at = a.withdrawn_at then 'withdrawal' else 'erasure' end as revoked
    from recording r
      join answer a on a.call_id = r.call_id and a.purpose = r.answer_purpose
      left join kept on kept.recording = r.id
    where (r.due <= ${dayOf(at)} or r.revoked_at is not null) and (
      r.state in ('finished', 'truncated', 'held', 'blocked')
      or r.state = 'recording' and r.prepared_at < ${new Date(at - STALE_AFTER_MS)})
    order by r.revoked_at is null, r.due, r.id`.execute(db)
  return rows
}
