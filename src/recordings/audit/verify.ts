import { type DepsWith, identitiesIn } from '../../accounts/deps.js'
import type { RecordingId } from '../../core/ids.js'
import type { Connection } from '../../db/connection.js'
import type { Database } from '../../db/database.js'
import { counted } from '../../lib/plural.js'
import { type LogVerdict, verifyTimes } from '../../log/verify/verify-log.js'
import { type Outside, verifyJournal } from '../../log/verify-journal.js'
import { COMPARED_TABLES } from './derived/compared-tables.js'
import { type AuditFault, type Uncovered, verifyRecordings } from './verify-recordings.js'

export type { Uncovered } from './verify-recordings.js'

/** The checked things, and the faults. */
export interface Verdict {
  /** How many of each kind were checked. */
  checked: Record<string, number>
  faults: (AuditFault | DerivedFault | LogVerdict['faults'][number])[]
  /** Ends of containers that no hash in the journal covers. They are not faults. */
  uncovered: Uncovered[]
}

type VerifyDeps = DepsWith<'db' | 'store' | 'keyStore', 'identities' | 'log'>

/** Called with the subject of the check, how much of it is done, and how much there is. */
export type VerifyProgress = (what: 'events' | 'recordings', done: number, of: number) => void

/**
 * Verifies the whole journal against its log, the times of its events, the tables that follow from it, and every
 * recording against the journal.
 *
 * @throws AppError `request.invalid` for a wrong key; `not-found` if the witness does not answer; `store.*`, `db.*`
 */
export async function verifyAll(
  deps: VerifyDeps,
  outside: Outside,
  progress: VerifyProgress = () => {},
): Promise<Verdict> {
  const log = await verifyJournal(deps, outside, (done, of) => progress('events', done, of))
  const times = await verifyTimes(deps.db)
  const derived = await verifyDerived(deps.db)
  const recordings = await verifyAmong(deps, undefined, progress)
  return {
    checked: { ...recordings.checked, ...log.checked, late: times.late, tables: derived.tables, receipts: 0 },
    faults: [...log.faults, ...times.faults, ...derived.faults, ...recordings.faults],
    uncovered: recordings.uncovered,
  }
}

/** Verifies one recording against the journal. @throws AppError `store.*`, `db.*` */
export async function verifyRecording(
  deps: VerifyDeps,
  recording: RecordingId,
  progress: VerifyProgress = () => {},
): Promise<Verdict> {
  const found = await verifyAmong(deps, recording, progress)
  return { ...found, checked: { ...found.checked, receipts: 0 } }
}

function verifyAmong(
  { config, ...deps }: VerifyDeps,
  only: RecordingId | undefined,
  progress: VerifyProgress,
) {
  const identities = identitiesIn(config)
  const tools = { ...deps, ...(identities && { identities }) }
  return verifyRecordings(tools, only, (done, of) => progress('recordings', done, of))
}

/** A row that does not follow from the journal. */
interface DerivedFault {
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
  if (!row) return 'the journal says that there is such a row, but it is missing'
  if (!events) return 'no event of the journal gives this row'
  return `${columns.join(', ')} ${columns.length === 1 ? 'differs' : 'differ'} from what the journal says`
}
