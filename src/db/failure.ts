import pg from 'pg'

/**
 * SQLSTATE classes with which the database says that this statement will never do, however often it is sent: cardinality,
 * data, integrity, syntax and access, program limit, and PL/pgSQL's own. Every other failure is the database's condition, and passes.
 */
const REFUSALS = new Set(['21', '22', '23', '42', '54', 'P0'])

/** The state a connection is in after an earlier statement of its transaction failed; never the cause itself. */
export const IN_FAILED_TRANSACTION = '25P02'

/** SQLSTATE of an error that the database itself sent, or undefined. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined

/** Whether the database understood and refused a statement, so that sending it again is pointless. */
export const isRefusal = (error: unknown): boolean => REFUSALS.has(sqlState(error)?.slice(0, 2) ?? '')

/**
 * With these the database says that a table or a column is not there, or not to be touched: the schema is another version's,
 * or nobody has made it.
 */
const OTHER_SCHEMA = new Set(['42P01', '42703', '42501'])

/** Whether a statement failed because the database does not have the schema of this version. */
export const lacksSchema = (error: unknown): boolean => OTHER_SCHEMA.has(sqlState(error) ?? '')

/**
 * What may be said of a database error in a log: never its message or detail, for these quote the row.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof pg.DatabaseError) {
    const where = error.constraint ?? error.column ?? error.table
    return `SQLSTATE ${error.code ?? 'unknown'}${where ? ` (${where})` : ''}`
  }
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string') return code
  return error instanceof Error ? error.message : 'unknown failure'
}
