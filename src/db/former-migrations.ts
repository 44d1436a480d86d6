import { type Kysely, sql } from 'kysely'
import { AppError } from '../core/errors.js'

/** The first migration. It makes what the migrations of the versions before the first release made together. */
const BASELINE = '001.schema.sql'
/** The first and the last migration of the versions before the first release. */
const [FIRST, LAST] = ['001.journal.sql', '042.group-refusal.sql']

/**
 * Counts the baseline as applied in a database that has all migrations of the versions before the first release.
 *
 * @param db connects as the owner, and has the turn to migrate
 * @throws AppError `db.migration` for a database that has some of them only; the database's error
 */
export async function adoptFormerSchema(db: Kysely<unknown>): Promise<void> {
  await db.transaction().execute(async trx => {
    const made = sql<{ is: boolean }>`select to_regclass('kysely_migration') is not null as is`
    if (!(await made.execute(trx)).rows[0]?.is) return
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(trx)
    const former = formerAmong(rows.map(({ name }) => name))
    if (former.length === 0) return
    await sql`delete from kysely_migration where name = any(${former.filter(name => name !== FIRST)})`.execute(
      trx,
    )
    await sql`update kysely_migration set name = ${BASELINE} where name = ${FIRST}`.execute(trx)
  })
}

/**
 * Those of the applied migrations that the baseline stands for. None if the baseline was applied.
 *
 * @throws AppError `db.migration` if the last of them is missing
 */
export function formerAmong(applied: readonly string[]): string[] {
  if (!applied.includes(FIRST)) return []
  const former = applied.filter(name => name <= LAST)
  if (former.includes(LAST)) return former
  throw new AppError(
    'db.migration',
    `The database has the schema of a version before the first release, without ${LAST}, and this version cannot migrate it: migrate it with the last version before the first release, or give Consentry an empty database.`,
  )
}
