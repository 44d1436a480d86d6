import type { ActId, CallId, PartId, RecordingId } from '../../core/ids.js'
import type { PartLocation } from '../../core/part-location.js'
import { type Db, sql } from '../../db/database.js'
import { takeTurn } from '../../db/locks.js'
import { keptAmong, requireHeldNumbers } from '../../journal/read/holds-in-force.js'
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
  parts: ActPart[]
}

/**
 * A recording that is still in state `recording` this long after it was prepared has lost its service, ms. No call
 * lasts a day.
 */
export const STALE_AFTER_MS = 86_400_000

const COLUMNS = sql<ActRecording>`
  r.id, r.call_id as call, r.purpose, r.due, r.act,
  coalesce((select json_agg(json_build_object('id', p.id, 'object', p.object, 'location', p.location) order by p.number)
    from part p where p.recording_id = r.id), '[]') as parts`

/**
 * Assigns recordings to an act, so that they will be destroyed. The first assigned recording opens the act. A hold that
 * is placed before the commit keeps the recording. A hold that is placed later reports that the recording is gone.
 *
 * Recordings that are destroyed, empty or failed are skipped. A recording in progress is skipped too, unless its caller
 * withdrew or its service is lost.
 *
 * The events of the journal decide what is held. They also count for a recording that is already assigned, because its
 * row may be forged to have it destroyed.
 *
 * @param at the moment at which a hold must be in force to count, ms since the epoch
 * @returns `assigned`: recordings to destroy, including those that another act has; `held`: recordings that a hold or
 *   block keeps
 * @throws AppError `journal.inconsistent` if the number of a hold differs from the journal's
 */
export async function assignToAct(
  db: Db,
  act: ActId,
  { cause, reason, by, lost = false }: DestructionRequest,
  ids: readonly RecordingId[],
  at: number,
): Promise<{ assigned: ActRecording[]; held: RecordingId[] }> {
  const moment = new Date(at)
  const withdrawn = cause === 'withdrawal'
  return db.transaction().execute(async trx => {
    // The lock is a statement of its own, so that the next statement sees every hold that was placed before.
    await takeTurn(trx, 'holds', 'share')
    if (!withdrawn) await requireHeldNumbers(trx, moment)
    const kept = withdrawn
      ? sql`false`
      : sql`id in (select recording from (${keptAmong(sql`${ids}::uuid[]`, moment)}) kept)`
    const { rows } = await sql<{ id: RecordingId; held: boolean; fresh: boolean }>`
      select id, state <> 'destroying' as fresh, ${kept} as held
      from recording
      where id = any(${ids}) and (
        state in ('finished', 'truncated', 'held', 'blocked', 'destroying')
        or state = 'recording' and (${withdrawn} or prepared_at < ${new Date(at - STALE_AFTER_MS)}))
      order by id for update`.execute(trx)
    const assignedIds = rows.filter(({ held }) => !held).map(({ id }) => id)
    const fresh = rows.filter(({ held, fresh }) => fresh && !held).map(({ id }) => id)
    if (fresh.length > 0) {
      await sql`insert into act (id, cause, reason, by, lost) values (${act}, ${cause}, ${reason}, ${by}, ${lost})
        on conflict do nothing`.execute(trx)
      await sql`update recording set state = 'destroying', act = ${act} where id = any(${fresh})`.execute(trx)
    }
    const assigned =
      await sql<ActRecording>`select ${COLUMNS} from recording r where r.id = any(${assignedIds})`.execute(
        trx,
      )
    return { assigned: assigned.rows, held: rows.filter(({ held }) => held).map(({ id }) => id) }
  })
}
