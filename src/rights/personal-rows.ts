import type { CallId } from '../core/ids.js'
import { maskNumber, typedNumberPattern } from '../core/typed-number.js'
import { type Db, sql } from '../db/database.js'
import {
  erasePersonalRows,
  eraseTypedNumber,
  ofHoldInForce,
} from '../recordings/retain/erase-personal-rows.js'

/** Lists the calls of this caller, oldest first. A corrected call counts under its correct number. */
export async function listCallsOf(db: Db, number: string): Promise<CallId[]> {
  const { rows } = await sql<{ id: CallId }>`
    select c.id from event_personal p join call c on coalesce(c.caller_event, c.started_event) = p.event
    where p.data ? 'caller' and p.data ->> 'caller' = ${number}
    order by c.started_at, c.id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Erases this number from the calls whose number was corrected to another one. @returns from how many of their events */
export const eraseReplacedNumber = (db: Db, number: string): Promise<number> =>
  erasePersonalRows(
    db,
    sql`p.data ? 'caller' and p.data ->> 'caller' = ${number}
      and not exists (select from call c where coalesce(c.caller_event, c.started_event) = p.event)`,
  )

/**
 * Erases this number from searches, copies, requests, what people typed, and holds that are released or expired. An incident keeps the
 * persons whom it concerned.
 */
export async function eraseNumberElsewhere(db: Db, number: string): Promise<void> {
  // Without its number, a hold in force would keep nothing of this caller.
  await erasePersonalRows(
    db,
    sql`p.data ? 'number' and p.data ->> 'number' = ${number} and not ${ofHoldInForce()}`,
  )
  await eraseTypedNumber(db, number)
  await sql`update rights_request set number = mask_number(number) where number = ${number}`.execute(db)
  await sql`update hold set number = mask_number(number) where number = ${number}
    and (released_at is not null or expires_at <= now())`.execute(db)
  await maskTypedCopies(db, number)
}

/** Columns with copies of what people typed into events. The names of users and tokens stay as long as these do. */
const TYPED_COLUMNS = {
  hold: ['reason', 'placed_by', 'released_by'],
  act: ['reason', 'by'],
  incident: ['what', 'opened_by', 'closed_by'],
  rights_request: ['outcome', 'opened_by', 'closed_by'],
  user_training: ['what'],
} as const

/** Masks this number in the tables, wherever people typed it. */
async function maskTypedCopies(db: Db, number: string): Promise<void> {
  const pattern = typedNumberPattern(number)
  if (pattern === undefined) return
  for (const [table, columns] of Object.entries(TYPED_COLUMNS))
    for (const column of columns.map(name => sql.id(name)))
      await sql`update ${sql.id(table)} set ${column} = regexp_replace(${column}, ${pattern}, ${maskNumber(number)}, 'g')
        where ${column} ~ ${pattern}`.execute(db)
}
