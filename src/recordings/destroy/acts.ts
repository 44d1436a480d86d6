import type { Clock } from '../../core/clock.js'
import { DAY_MS, dayOf } from '../../core/clock.js'
import { type DestructionCause, event, withDeterministicId } from '../../core/events.js'
import type { ActId, RecordingId } from '../../core/ids.js'
import type { EventSink } from '../../core/ports.js'
import { type Db, sql } from '../../db/database.js'
import { appendIn } from '../../journal/write/append-in.js'

/** Years for which an act itself is kept. */
const ACT_RETENTION_YEARS = 3

/** How long the journal may take to confirm an event, ms. It is long because no person waits for a purge. */
export const JOURNAL_CONFIRM_MS = 30_000

interface ActDeps {
  db: Db
  journal: EventSink
  clock: Clock
}

/** An act that is not closed yet. */
export interface OpenAct {
  id: ActId
  cause: DestructionCause
  reason: string
  by: string
}

/** Lists the acts that are not closed yet, oldest first. */
export async function openActs(db: Db): Promise<OpenAct[]> {
  return db
    .selectFrom('act')
    .where('closed_at', 'is', null)
    .select(['id', 'cause', 'reason', 'by'])
    .orderBy('opened_at')
    .execute()
}

/** Lists the recordings of an act that are not destroyed yet. */
export async function listUndestroyed(db: Db, act: ActId): Promise<RecordingId[]> {
  const { rows } = await sql<{ id: RecordingId }>`
    select id from recording where act = ${act} and state = 'destroying'`.execute(db)
  return rows.map(({ id }) => id)
}

/**
 * Numbers and closes an act whose recordings are all destroyed. Numbers follow each other without a gap. An act whose closing
 * fails keeps its number for the next attempt.
 *
 * @returns the number; null if recordings remain to be destroyed, or if there is no act with this id
 * @throws AppError `journal.*`, `db.unavailable`
 */
export async function closeAct({ db, journal, clock }: ActDeps, act: ActId): Promise<number | null> {
  if ((await listUndestroyed(db, act)).length > 0) return null
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
    keepUntil: dayAfterRetention(at),
  })
  await journal.append([withDeterministicId(closed, act)], JOURNAL_CONFIRM_MS)
  return number
}

/**
 * The first day (UTC) that begins when an act has been kept for three whole years. An earlier day would begin too soon.
 *
 * @param at when the act is closed, ms since the epoch
 * @returns `YYYY-MM-DD`
 */
export function dayAfterRetention(at: number): string {
  const end = new Date(at)
  end.setUTCFullYear(end.getUTCFullYear() + ACT_RETENTION_YEARS)
  return dayOf(end.getTime() + DAY_MS - 1)
}

/**
 * Deletes the acts whose own retention has ended, with the masked numbers in them. Their events stay in the journal.
 *
 * @param at acts kept until this moment or an earlier one are deleted, ms since the epoch
 * @returns the number of deleted acts
 * @throws AppError `journal.refused`, and the errors of the database
 */
export async function discardActs({ db, clock }: Pick<ActDeps, 'db' | 'clock'>, at: number): Promise<number> {
  const { rows } = await sql<{ id: ActId; number: number }>`
    select id, number from act where keep_until <= ${dayOf(at)} order by number`.execute(db)
  for (const { id, number } of rows) {
    const discarded = withDeterministicId(event('act.discarded', null, clock.now(), { act: id, number }), id)
    await db.transaction().execute(async trx => {
      await sql`delete from act where id = ${id}`.execute(trx)
      await appendIn(trx, [discarded])
    })
  }
  return rows.length
}
