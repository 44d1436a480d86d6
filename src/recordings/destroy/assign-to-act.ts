import { dayOf } from '../../core/clock.js'
import type { DestructionCause } from '../../core/events.js'
import type { ActId, CallId, PartId, RecordingId } from '../../core/ids.js'
import type { PartLocation } from '../../core/part-location.js'
import { type Db, sql } from '../../db/database.js'
import { takeTurn } from '../../db/locks.js'
import { keptFromDestruction } from '../../journal/read/holds.js'
import { isWithdrawn } from '../../journal/read/withdrawn.js'
import type { DestructionRequest } from './types.js'

/** A part of a recording, and where its container lies. */
export interface ActPart {
  id: PartId
  object: string
  location: PartLocation
}

/** A recording assigned to an act of destruction. A hold can no longer keep it. */
export interface ActRecording {
  id: RecordingId
  call: CallId
  purpose: string
  /** `YYYY-MM-DD`. The key store files its keys under this day. */
  due: string
  act: ActId
  /** The cause of its act. */
  cause: DestructionCause
  parts: ActPart[]
}

/**
 * A recording that is still in state `recording` this long after it was prepared has lost its service, ms. No call
 * lasts a day.
 */
export const STALE_AFTER_MS = 86_400_000

const COLUMNS = sql<ActRecording>`
  r.id, r.call_id as call, r.purpose, r.due, r.act, act.cause,
  coalesce((select json_agg(json_build_object('id', p.id, 'object', p.object, 'location', p.location) order by p.number)
    from part p where p.recording_id = r.id), '[]') as parts`

/**
 * Assigns recordings to an act, so that they will be destroyed. The first assigned recording opens the act. A hold that
 * is placed before the commit keeps the recording. A hold that is placed later reports that the recording is gone.
 *
 * Recordings that are destroyed, empty or failed are skipped. A recording in progress is skipped too, unless its caller
 * withdrew or its service is lost.
 *
 * The journal decides whether a caller withdrew and what is held, because the rows may be forged to have a recording
 * destroyed. This also counts for a recording that is already assigned. A withdrawal that the journal does not have,
 * or a due day that has not come, destroys nothing.
 *
 * @param at the moment at which a hold must be in force to count, ms since the epoch
 * @returns `assigned`: recordings to destroy, including those that another act has; `held`: recordings that a hold or
 *   block keeps; `unfounded`: recordings for whose destruction there is no cause
 * @throws AppError `journal.inconsistent` if the number of a hold differs from the journal's
 */
export async function assignToAct(
  db: Db,
  act: ActId,
  request: DestructionRequest,
  ids: readonly RecordingId[],
  at: number,
): Promise<{ assigned: ActRecording[]; held: RecordingId[]; unfounded: RecordingId[] }> {
  const { cause, reason, by, lost = false } = request
  return db.transaction().execute(async trx => {
    // The lock is a statement of its own, so that the next statement sees every hold that was placed before.
    await takeTurn(trx, 'holds', 'share')
    const candidates = await lockCandidates(trx, ids, at)
    const hasAct = (one: Candidate) => one.actCause !== null && isFact(one.actCause, one, at)
    const hasCause = (one: Candidate) => hasAct(one) || isFact(cause, one, at)
    const founded = candidates.filter(hasCause)
    const held = await keptFromDestruction(
      trx,
      founded.map(({ id }) => id),
      at,
    )
    const toDestroy = founded.filter(({ id }) => !held.has(id))
    const fresh = toDestroy.filter(one => !hasAct(one)).map(({ id }) => id)
    if (fresh.length > 0) {
      await sql`insert into act (id, cause, reason, by, lost) values (${act}, ${cause}, ${reason}, ${by}, ${lost})
        on conflict do nothing`.execute(trx)
      await sql`update recording set state = 'destroying', act = ${act} where id = any(${fresh})`.execute(trx)
    }
    const { rows: assigned } = await sql<ActRecording>`
      select ${COLUMNS} from recording r join act on act.id = r.act
      where r.id = any(${toDestroy.map(({ id }) => id)})`.execute(trx)
    const unfounded = candidates.filter(one => !hasCause(one)).map(({ id }) => id)
    return { assigned, held: [...held], unfounded }
  })
}

/** A recording to be destroyed, unless a hold keeps it. */
interface Candidate {
  id: RecordingId
  /** The cause of the open act that has it. Null: none has it. */
  actCause: DestructionCause | null
  withdrawn: boolean
  /** `YYYY-MM-DD`. */
  due: string
}

async function lockCandidates(trx: Db, ids: readonly RecordingId[], at: number): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select r.id, open.cause as "actCause", ${isWithdrawn} as withdrawn, r.due
    from recording r left join act open on open.id = r.act and r.state = 'destroying' and open.closed_at is null
    where r.id = any(${ids}) and (
      r.state in ('finished', 'truncated', 'held', 'blocked', 'destroying')
      or r.state = 'recording' and (r.prepared_at < ${new Date(at - STALE_AFTER_MS)} or ${isWithdrawn}))
    order by r.id for update of r`.execute(trx)
  return rows
}

/** Whether the cause of a destruction is a fact. A person answers for an erasure by name, in its act. */
const isFact = (cause: DestructionCause, { withdrawn, due }: Candidate, at: number): boolean =>
  cause === 'erasure' || (cause === 'withdrawal' ? withdrawn : due <= dayOf(at))
