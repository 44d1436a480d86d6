import { type Db, sql } from '../db/database.js'
import { LOCKS } from '../db/locks.js'
import type { ActId, CallId, PartId, RecordingId } from '../shared/ids.js'
import type { DestructionRequest } from './types.js'

/** A recording that is to be destroyed, and from which there is no way back. */
export interface ActRecording {
  id: RecordingId
  call: CallId
  purpose: string
  /** `YYYY-MM-DD`, under which its keys stand. */
  due: string
  act: ActId
  parts: { id: PartId; object: string }[]
}

/** A recording still called running that was prepared so long ago has lost its service, ms: no call takes a day. */
export const STALE_AFTER_MS = 86_400_000

const COLUMNS = sql<ActRecording>`
  r.id, r.call_id as call, r.purpose, r.due, r.act,
  coalesce((select json_agg(json_build_object('id', p.id, 'object', p.object) order by p.number)
    from part p where p.recording_id = r.id), '[]') as parts`

/**
 * Marks recordings for destruction, and opens their act with the first of them. Before this commits, whoever places a hold
 * wins; after it, he is told that it is too late.
 *
 * @returns those to destroy, also such as are in another act already, and those that a hold keeps; of what is gone, empty
 *   or still running there is nothing to destroy
 */
export async function assignToAct(
  db: Db,
  act: ActId,
  { cause, reason, by, lost = false }: DestructionRequest,
  ids: readonly RecordingId[],
  at: number,
): Promise<{ marked: ActRecording[]; held: RecordingId[] }> {
  const moment = new Date(at)
  const withdrawn = cause === 'withdrawal'
  return db.transaction().execute(async trx => {
    // A statement of its own, so that the next one sees every hold that was placed before.
    await sql`select pg_advisory_xact_lock_shared(${sql.lit(LOCKS.holds)})`.execute(trx)
    const { rows } = await sql<{ id: RecordingId; held: boolean; fresh: boolean }>`
      select id, state <> 'destroying' as fresh,
        not ${withdrawn} and state <> 'destroying'
          and id in (select recording from kept_among(${ids}, ${moment})) as held
      from recording
      where id = any(${ids}) and (
        state in ('finished', 'truncated', 'held', 'blocked', 'destroying')
        or state = 'recording' and (${withdrawn} or prepared_at < ${new Date(at - STALE_AFTER_MS)}))
      order by id for update`.execute(trx)
    const assigned = rows.filter(({ held }) => !held).map(({ id }) => id)
    const fresh = rows.filter(({ held, fresh }) => fresh && !held).map(({ id }) => id)
    if (fresh.length > 0) {
      await sql`insert into act (id, cause, reason, by, lost) values (${act}, ${cause}, ${reason}, ${by}, ${lost})
        on conflict do nothing`.execute(trx)
      await sql`update recording set state = 'destroying', act = ${act} where id = any(${fresh})`.execute(trx)
    }
    const marked = await sql<ActRecording>`select ${COLUMNS} from recording r where r.id = any(${assigned})`.execute(
      trx,
    )
    return { marked: marked.rows, held: rows.filter(({ held }) => held).map(({ id }) => id) }
  })
}

/** What an act has marked and not destroyed yet. */
export async function listUndestroyed(db: Db, act: ActId): Promise<RecordingId[]> {
  const { rows } = await sql<{ id: RecordingId }>`
    select id from recording where act = ${act} and state = 'destroying'`.execute(db)
  return rows.map(({ id }) => id)
}
