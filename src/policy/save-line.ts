import { type Db, sql } from '../db/database.js'
import { LOCKS } from '../db/locks.js'
import type { LinePolicy } from '../shared/policy.js'
import { validateLine } from './validate.js'

/**
 * Saves a line as its next version and puts that into force. Older versions stay, because calls refer to them. Running services
 * use the new version at once, for calls that begin later.
 *
 * @param input the line as an admin wrote it, unchecked
 * @returns the checked policy with its version
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
