import type { CallId } from '../../core/ids.js'
import { typedNumberPattern } from '../../core/typed-number.js'
import { type Db, type RawBuilder, sql } from '../../db/database.js'
import { holdsInForce } from '../../journal/read/holds-in-force.js'

/**
 * Erases the personal data of these calls: numbers, pressed keys, spoken answers, and why people listened. The events
 * stay. The names of the people who acted stay too, but the log no longer proves them.
 *
 * @returns how many calls and how many events lost personal data
 */
export async function erasePersonalParts(
  db: Db,
  calls: readonly CallId[],
): Promise<{ calls: number; rows: number }> {
  const { rows } = await sql<{ calls: number; rows: number }>`
    ${erased(sql`event in (select uuid from event e where e.call_id = any(${calls}::uuid[])) and ${ERASABLE}`)}
    select count(distinct e.call_id) as calls, count(*) as rows
    from erased join event e on e.uuid = erased.event`.execute(db)
  return rows[0]!
}

/** Whether a row has more than the actor's name. The row is `p`. */
export const ERASABLE = sql`p.data - 'by' <> '{}'::jsonb`

/**
 * Erases the personal parts that match a condition on the row `p`. The actors' names stay.
 *
 * @returns how many
 */
export async function erasePersonalRows(db: Db, condition: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{
    rows: number
  }>`${erased(condition)} select count(*)::int as rows from erased`.execute(db)
  return rows[0]!.rows
}

/**
 * Erases typed text in events wherever it has this number, see `typedNumberPattern`. The actor's name stays, unless it
 * has the number. A hold in force keeps its number, because it could otherwise not keep this caller's recordings.
 */
export async function eraseTypedNumber(db: Db, number: string): Promise<void> {
  const pattern = typedNumberPattern(number)
  if (pattern === undefined) return
  const named = sql`p.data ?| array['by', 'name'] and not ${ofHoldInForce()}
    and exists (select from jsonb_each_text(p.data) typed where typed.value ~ ${pattern})`
  await erasePersonalRows(db, sql`${named} and ${ERASABLE}`)
  await sql`delete from event_personal p where ${named}`.execute(db)
}

/** Whether the row `p` has the number of a hold in force. */
export const ofHoldInForce = () => sql`exists (
  select from event e where e.uuid = p.event and e.type = 'hold.placed' and p.data ? 'number'
    and (e.data ->> 'hold')::uuid in (select id from (${holdsInForce(new Date())}) h))`

/** The row without a salt replaces the erased one. */
const erased = (condition: RawBuilder<unknown>) => sql`
  with erased as (
    delete from event_personal p where ${condition} returning event, data
  ), kept as (
    insert into event_personal (event, data, salt)
    select event, jsonb_build_object('by', data -> 'by'), ''::bytea from erased where data ? 'by'
  )`
