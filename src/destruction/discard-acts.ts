import { sql } from '../db/database.js'
import { dayOf } from '../shared/clock.js'
import { event, withDeterministicId } from '../shared/events.js'
import type { ActId } from '../shared/ids.js'
import { type DestroyDeps, JOURNAL_CONFIRM_MS } from './destroy.js'

/**
 * Deletes the acts whose own retention has ended, with the masked numbers in them. Their events stay in the journal.
 *
 * @param at acts kept until this moment or an earlier one are deleted, ms since the epoch
 * @returns the number of deleted acts
 * @throws AppError `journal.*`, and the errors of the database
 */
export async function discardActs(
  { db, journal, clock }: Pick<DestroyDeps, 'db' | 'journal' | 'clock'>,
  at: number,
): Promise<number> {
  const { rows } = await sql<{ id: ActId; number: number }>`
    select id, number from act where keep_until <= ${dayOf(at)} order by number`.execute(db)
  for (const { id, number } of rows) {
    await journal.append(
      [withDeterministicId(event('act.discarded', null, clock.now(), { act: id, number }), id)],
      JOURNAL_CONFIRM_MS,
    )
    await sql`delete from act where id = ${id}`.execute(db)
  }
  return rows.length
}
