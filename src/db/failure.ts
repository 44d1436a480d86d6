import pg from 'pg'
import { AppError } from '../shared/errors.js'

/**
 * SQLSTATE classes with which the database says that this statement will never do, however often it is sent: cardinality,
 * data, integrity, syntax and access, program limit, and PL/pgSQL's own. Every other failure is the database's condition, and
 * passes.
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

/** Where a connection leads: of its URL neither role nor password. */
export interface Endpoint {
  host: string
  port: number
  database?: string | undefined
}

const UNTRUSTED = 'its certificate is signed by no authority that is trusted here'

/** Plain words for what a connection ends with before it has come about. */
const EXPLANATIONS: Record<string, string> = {
  ECONNREFUSED: 'nothing takes connections there',
  ENOTFOUND: 'there is no such host',
  'SQLSTATE 28P01': 'the role or its password is wrong',
  'SQLSTATE 28000': 'it does not let this role in',
  'SQLSTATE 3D000': 'it has no such database',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another host',
}

/**
 * A connection that did not come about: where it led, why it failed and what to look at.
 *
 * @param setting what names the database, where it is not the service's own
 */
export function connectionFailed(
  error: unknown,
  endpoint: Endpoint,
  setting: 'DATABASE_URL' | 'DATABASE_ADMIN_URL' = 'DATABASE_URL',
): AppError {
  const failure = describeFailure(error)
  const explanation = EXPLANATIONS[failure]
  const why = explanation === undefined ? failure : `${explanation} (${failure})`
  const advice = adviceFor(error, explanation !== undefined, setting)
  const message = `${describeEndpoint(endpoint)} cannot be reached: ${why}; ${advice}`
  return new AppError('db.unavailable', message, { retryable: true })
}

function adviceFor(error: unknown, isExplained: boolean, setting: string): string {
  if (!(error instanceof pg.DatabaseError))
    return `see that PostgreSQL runs there, and that ${setting}, if it is set, means it`
  return isExplained ? `see ${setting}` : 'see what its own log says'
}

/** A host that is a path is the folder of a socket. */
function describeEndpoint({ host, port, database }: Endpoint): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `The database ${database ? `"${database}" ` : ''}at ${host.startsWith('/') ? host : `${name}:${port}`}`
}
