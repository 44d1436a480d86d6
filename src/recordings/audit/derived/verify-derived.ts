import type { Connection } from '../../../db/connection.js'
import type { Database } from '../../../db/database.js'
import { counted } from '../../../lib/plural.js'
import { COMPARED_TABLES } from './compared-tables.js'

/** A row that does not follow from the journal. */
export interface DerivedFault {
  kind: 'table-differs'
  what: string
  /** Table and key of the row. */
  where: string
}

/**
 * Maximum number of listed faults per table. Further faults are only counted, because every row may have been changed.
 */
const MAX_LISTED = 200

interface DifferingRow {
  id: string
  row: boolean
  events: boolean
  what: string[] | null
}

/**
 * Derives the tables about lines, calls and recordings from the journal again, and compares them. The service and the
 * console read these tables, and a change of them changes no event.
 *
 * A recording that counts as revoked without a withdrawal is no fault: before an erasure destroys it, nothing is
 * journalled.
 *
 * @returns number of compared tables, and the faults
 * @throws AppError `db.unavailable`; the errors of the database
 */
export async function verifyDerived(db: Database): Promise<{ tables: number; faults: DerivedFault[] }> {
  const connection = await db.connect('verify')
  try {
    await connection.query('begin isolation level repeatable read read only')
    const faults: DerivedFault[] = []
    for (const { table, sql } of COMPARED_TABLES) faults.push(...(await compareTable(connection, table, sql)))
    return { tables: COMPARED_TABLES.length, faults }
  } finally {
    await connection.close()
  }
}

async function compareTable(connection: Connection, table: string, sql: string): Promise<DerivedFault[]> {
  const { rows } = await connection.query<DifferingRow>(sql)
  const faults = rows.slice(0, MAX_LISTED).map(
    ({ id, row, events, what }): DerivedFault => ({
      kind: 'table-differs',
      what: whatDiffers(row, events, what ?? []),
      where: `${table} ${id}`,
    }),
  )
  const more = rows.length - faults.length
  if (more > 0)
    faults.push({
      kind: 'table-differs',
      what: `and ${counted(more, 'further row', 'further rows')}`,
      where: table,
    })
  return faults
}

function whatDiffers(row: boolean, events: boolean, columns: readonly string[]): string {
  if (!row) return 'the journal says that there is such a row, and there is none'
  if (!events) return 'no event of the journal gives this row'
  return `${columns.join(', ')} ${columns.length === 1 ? 'differs' : 'differ'} from what the journal says`
}
