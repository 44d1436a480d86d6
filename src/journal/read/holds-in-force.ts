import { AppError } from '../../core/errors.js'
import { type Db, sql } from '../../db/database.js'
import { personalHash } from '../../lib/canonical-json.js'

/**
 * A query for the holds and blocks in force at a moment, from the events of the journal. Decisions about destruction
 * use this query instead of the table `hold`, because a changed event is detected by the log.
 *
 * @returns rows of `id`, `kind`, `recording`, `call_id`, `on_number`, `number`, `from_at`, `to_at`. `number` is null
 *   if it was erased.
 */
export const holdsInForce = (at: Date) => sql`
  select (placed.data ->> 'hold')::uuid as id, placed.data ->> 'kind' as kind,
    (placed.data -> 'on' ->> 'recording')::uuid as recording, (placed.data -> 'on' ->> 'call')::uuid as call_id,
    placed.data ->> 'on' = 'number' as on_number,
    case when placed.data ->> 'on' = 'number' then personal.data ->> 'number' end as number,
    (placed.data -> 'on' ->> 'from')::timestamptz as from_at, (placed.data -> 'on' ->> 'to')::timestamptz as to_at
  from event placed left join event_personal personal on personal.event = placed.uuid
  where ${isInForce(at)}`

/**
 * The event `placed` is a `hold.placed` that has neither ended nor expired at this moment. A hold has ended only if its
 * row and an event say so: a changed row is in no log, and only the service's role may write both.
 */
const isInForce = (at: Date) => sql`placed.type = 'hold.placed'
  and (placed.data ->> 'expiresAt' is null or (placed.data ->> 'expiresAt')::timestamptz > ${at})
  and not (
    exists (select from event released
      where released.type = 'hold.released' and released.data ->> 'hold' = placed.data ->> 'hold')
    and exists (select from hold where id = (placed.data ->> 'hold')::uuid and released_at is not null))`

/**
 * A query for the recordings that holds and blocks keep at a moment. A hold on a number keeps the recordings of every
 * call in which the journal still has this number. `recordingHolds` decides before anything is destroyed.
 *
 * @returns rows of `recording`, `hold`, `kind`
 */
export const keptRecordings = (at: Date) => sql`
  with in_force as materialized (${holdsInForce(at)})
  select r.id as recording, h.id as hold, h.kind from in_force h join recording r on r.id = h.recording
  union all
  select r.id, h.id, h.kind from in_force h join recording r on r.call_id = h.call_id
  union all
  select distinct r.id, h.id, h.kind from in_force h
    join event_personal p on p.data ? 'caller' and p.data ->> 'caller' = h.number
    join event e on e.uuid = p.event join recording r on r.call_id = e.call_id
  union all
  select r.id, h.id, h.kind from in_force h join recording r on r.prepared_at >= h.from_at and r.prepared_at < h.to_at`

/**
 * Refuses if the number of a hold differs from the logged one. Such a hold would not keep the recordings for which it
 * was placed.
 *
 * @throws AppError `journal.inconsistent`
 */
export async function requireHeldNumbers(db: Db, at: Date): Promise<void> {
  const { rows } = await sql<{ hold: string; hash: string | null; data: unknown; salt: Buffer | null }>`
    select placed.data ->> 'hold' as hold, encode(placed.personal_hash, 'hex') as hash, personal.data, personal.salt
    from event placed left join event_personal personal on personal.event = placed.uuid
    where placed.data ->> 'on' = 'number' and ${isInForce(at)}`.execute(db)
  const wrong = rows.find(({ hash, data, salt }) => !salt || personalHash(salt, data) !== hash)
  if (wrong)
    throw new AppError(
      'journal.inconsistent',
      `Nothing is destroyed: the number of hold ${wrong.hold} is not the one that the journal has, or is gone. Run consentry verify. Then release the hold and place it again.`,
    )
}
