import { type Database, type Db, sql } from '../db/database.js'
import { LOCKS, tryAdvisoryLock } from '../db/locks.js'
import type { Clock } from '../shared/clock.js'
import { dayOf } from '../shared/clock.js'
import { type DestructionCause, event, withDeterministicId } from '../shared/events.js'
import type { ActId } from '../shared/ids.js'
import type { EventSink } from '../shared/ports.js'
import { leftOf } from './mark.js'

/** Years for which an act is kept. */
const KEPT_YEARS = 3

/** How long the journal may take to confirm, ms: a purge waits rather than fails. */
export const CONFIRM_MS = 30_000

/** An act as its row has it, before it is closed. */
export interface OpenAct {
  id: ActId
  cause: DestructionCause
  reason: string
  by: string
}

/** Acts that have not been closed, oldest first. */
export async function openActs(db: Db): Promise<OpenAct[]> {
  return db
    .selectFrom('act')
    .where('closed_at', 'is', null)
    .select(['id', 'cause', 'reason', 'by'])
    .orderBy('opened_at')
    .execute()
}

/**
 * Works on an act while nobody else does, in whatever process.
 *
 * @returns undefined if somebody else is at it
 * @throws AppError `db.unavailable`, and what `work` throws
 */
export const withActLock = <T>(db: Database, act: ActId, work: () => Promise<T>): Promise<T | undefined> =>
  tryAdvisoryLock(db, { number: LOCKS.acts, item: act, purpose: 'act' }, work)

/**
 * Gives an act of which nothing is left its number, and closes it. Numbers follow each other without a gap: one that was given
 * is kept, should it not come to the closing.
 *
 * @returns the number; null if something is left, or there is no such act
 * @throws AppError `journal.*`, `db.unavailable`
 */
export async function closeAct(
  { db, journal, clock }: { db: Db; journal: EventSink; clock: Clock },
  act: ActId,
): Promise<number | null> {
  if ((await leftOf(db, act)).length > 0) return null
  const row = await db.transaction().execute(async trx => {
    const numbered = await sql<{ opened_at: Date; number: number; lost: boolean } & OpenAct>`
      select * from act where id = ${act} for update`.execute(trx)
    const found = numbered.rows[0]
    if (!found || found.number !== null) return found
    const counted = await sql<{
      last: number
    }>`update act_counter set last = last + 1 returning last`.execute(trx)
    const number = counted.rows[0]!.last
    await sql`update act set number = ${number} where id = ${act}`.execute(trx)
    return { ...found, number }
  })
  if (!row) return null
  const { cause, reason, by, number, lost, opened_at } = row
  const items = await sql<{ count: number }>`select count(*) from act_item where act = ${act}`.execute(db)
  const at = clock.now()
  const closed = event('act.closed', null, at, {
    act,
    number,
    cause,
    reason,
    by,
    ...(lost && { lost }),
    openedAt: opened_at.toISOString(),
    recordings: items.rows[0]!.count,
    keepUntil: yearsLater(at),
  })
  await journal.append([withDeterministicId(closed, act)], CONFIRM_MS)
  return number
}

function yearsLater(at: number): string {
  const day = new Date(at)
  day.setUTCFullYear(day.getUTCFullYear() + KEPT_YEARS)
  return dayOf(day.getTime())
}
