import { type Db, sql } from '../db/database.js'
import type { LinePolicy } from '../shared/policy.js'

/** Lists the lines in force, by number, as they are stored. */
export const listLines = (db: Db): Promise<LinePolicy[]> => selectLines(db)

/** Finds the lines in force among these numbers, as they are stored. */
export const findLines = (db: Db, numbers: readonly string[]): Promise<LinePolicy[]> =>
  numbers.length === 0 ? Promise.resolve([]) : selectLines(db, numbers)

async function selectLines(db: Db, numbers?: readonly string[]): Promise<LinePolicy[]> {
  const rows = await db
    .selectFrom('line')
    .select(['number', 'version', 'policy'])
    .where('active', '=', true)
    .$if(numbers !== undefined, query => query.where('number', 'in', numbers!))
    .orderBy('number')
    .execute()
  return rows.map(({ number, version, policy }) => ({ number, version, ...(policy as object) }) as LinePolicy)
}

/** The last version of each of these lines, in force or not. A number that never was a line is left out. */
export async function lastVersions(db: Db, numbers: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ number: string; last: number }>`
    select number, max(version) as last from line where number = any(${numbers}::text[]) group by number`.execute(
    db,
  )
  return new Map(rows.map(({ number, last }) => [number, last]))
}
