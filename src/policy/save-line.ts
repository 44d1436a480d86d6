import { type Db, sql } from '../db/database.js'
import { LOCKS } from '../db/locks.js'
import type { LinePolicy } from '../shared/policy.js'
import { validateLine } from './validate.js'

/**
 * Puts a line into force as its next version; the versions before it stay, for calls were answered under them.
 * Services that run take it up at once, for calls that begin from then on.
 *
 * @param input what an admin wrote, of any content
 * @throws AppError `policy.invalid`
 */
export async function saveLine(db: Db, input: unknown): Promise<LinePolicy> {
  const line = validateLine(input)
  const { number, ...policy } = line
  return db.transaction().execute(async trx => {
    await sql`select pg_advisory_xact_lock(${LOCKS.lines})`.execute(trx)
    await trx
      .updateTable('line')
      .set({ active: false })
      .where('number', '=', number)
      .where('active', '=', true)
      .execute()
    const { version } = await trx
      .insertInto('line')
      .values(eb => ({
        number,
        version: eb
          .selectFrom('line')
          .select(sql<number>`coalesce(max(version), 0) + 1`.as('next'))
          .where('number', '=', number),
        policy: JSON.stringify(policy),
      }))
      .returning('version')
      .executeTakeFirstOrThrow()
    return { ...line, version }
  })
}
