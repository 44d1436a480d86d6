import { AppError } from '../../core/errors.js'
import type { DestructionCause } from '../../core/events.js'
import { type ActId, isUuid } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'

/** One act of destruction. */
export interface Act {
  id: ActId
  /** Null until it is closed. */
  number: number | null
  cause: DestructionCause
  reason: string
  by: string
  /** True for an act of lost recordings: no store had them, so nothing was overwritten or removed. */
  lost: boolean
  openedAt: Date
  /** Null while recordings of the act remain to be destroyed. */
  closedAt: Date | null
  /** `YYYY-MM-DD`: the day on which the act itself may be deleted. */
  keepUntil: string | null
  recordings: number
  calls: number
}

/** One recording that was destroyed in an act. */
export interface ActItem {
  recording: string
  call: string
  /** Number of the caller, masked. Empty if the number is not known. */
  person: string
  calledAt: Date
  purpose: string
  destroyedAt: Date
  /** Number of the event in the journal. */
  event: number | null
}

/** The number of an act. Eighteen digits always fit into a PostgreSQL `bigint`. */
const ACT_NUMBER = /^[1-9]\d{0,17}$/

const selectActs = (db: Db) =>
  db.selectFrom('act').select([
    'act.id',
    'act.number',
    'act.cause',
    'act.reason',
    'act.by',
    'act.lost',
    'act.opened_at as openedAt',
    'act.closed_at as closedAt',
    'act.keep_until as keepUntil',
    sql<number>`(select count(*) from act_item i where i.act = act.id)`.as('recordings'),
    sql<number>`(select count(distinct r.call_id) from act_item i join recording r on r.id = i.recording
        where i.act = act.id)`.as('calls'),
  ])

/** Lists all acts: open acts first, then closed acts, latest first. */
export const listActs = (db: Db): Promise<Act[]> =>
  selectActs(db)
    .orderBy('act.number', order => order.desc().nullsFirst())
    .orderBy('act.opened_at')
    .execute()

/**
 * Finds one act.
 *
 * @param name the number or the id of the act
 * @throws AppError `not-found`
 */
export async function findAct(db: Db, name: string): Promise<Act> {
  const acts = selectActs(db)
  const act = isUuid(name)
    ? await acts.where('act.id', '=', name as ActId).executeTakeFirst()
    : ACT_NUMBER.test(name)
      ? await acts.where('act.number', '=', sql<number>`${name}::bigint`).executeTakeFirst()
      : undefined
  if (!act) throw new AppError('not-found', 'No act has this number or id. See consentry act list.')
  return act
}

/** Lists the recordings that an act destroyed, in the order of their destruction. */
export async function listActItems(db: Db, act: ActId): Promise<ActItem[]> {
  const { rows } = await sql<ActItem>`
    select r.id as recording, r.call_id as call, i.person, c.started_at as "calledAt", r.purpose,
      r.destroyed_at as "destroyedAt", e.id as event
    from act_item i
      join recording r on r.id = i.recording
      join call c on c.id = r.call_id
      left join lateral (
        select id from event
        where call_id = r.call_id and type = 'recording.destroyed' and data ->> 'recording' = r.id::text
        order by id limit 1) e on true
    where i.act = ${act}
    order by r.destroyed_at, e.id`.execute(db)
  return rows
}
