import pg from 'pg'
import { AppError } from '../core/errors.js'

/**
 * SQLSTATE classes of statements that fail however often they are sent: cardinality, data, integrity, syntax and
 * access, program limit, and PL/pgSQL's own. All other failures depend on the state of the database and may pass.
 */
const REFUSALS = new Set(['21', '22', '23', '42', '54', 'P0'])

/** SQLSTATE of statements after a failed one in the same transaction. It is never the cause of the failure. */
export const IN_FAILED_TRANSACTION = '25P02'

/** SQLSTATE of an error that the database sent, else undefined. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined

/** Whether the database refused a statement for good, so that sending it again is pointless. */
export const isRefusal = (error: unknown): boolean => REFUSALS.has(sqlState(error)?.slice(0, 2) ?? '')

/**
 * SQLSTATEs of a missing table, a missing column and a missing privilege: there is no schema, or it has another
 * version.
 */
const OTHER_SCHEMA = new Set(['42P01', '42703', '42501'])

/** Whether a statement failed because the database does not have the schema of this version. */
export const lacksSchema = (error: unknown): boolean => OTHER_SCHEMA.has(sqlState(error) ?? '')

/** Describes a database error for a log, without its message and detail, which quote the row. */
export function describeFailure(error: unknown): string {
  if (error instanceof pg.DatabaseError) {
    const where = error.constraint ?? error.column ?? error.table
    return `SQLSTATE ${error.code ?? 'unknown'}${where ? ` (${where})` : ''}`
  }
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string') return code
  return error instanceof Error ? error.message : 'unknown failure'
}

/** The address of a database, without role and password. */
export interface Endpoint {
  host: string
  port: number
  database?: string | undefined
}

const UNTRUSTED = 'no trusted authority signed its certificate'

/** Explanations of the usual failures to connect. */
const EXPLANATIONS: Record<string, string> = {
  ECONNREFUSED: 'no program accepts connections there',
  ENOTFOUND: 'there is no such host',
  // Messages of the pool, see pg-pool.
  'timeout exceeded when trying to connect': 'no connection could be made, or none came free, in time',
  'Connection terminated due to connection timeout': 'it gave no answer in time',
  'SQLSTATE 28P01': 'the role or its password is wrong',
  'SQLSTATE 28000': 'the database does not let this role in',
  'SQLSTATE 3D000': 'the server has no such database',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate belongs to another host',
}

/**
 * Makes the error of a failed connection. Its message names the database, the reason, and what to check.
 *
 * @param setting the variable that names the database
 */
export function connectionFailed(
  error: unknown,
  endpoint: Endpoint,
  setting: 'DATABASE_URL' | 'DATABASE_ADMIN_URL' = 'DATABASE_URL',
): AppError {
  if (error instanceof AppError) return error
  const failure = describeFailure(error)
  const explanation = EXPLANATIONS[failure]
  const why = explanation === undefined ? failure : `${explanation} (${failure})`
  const advice = adviceFor(error, explanation !== undefined, setting)
  const message = `${describeEndpoint(endpoint)} cannot be reached: ${why}; ${advice}`
  return new AppError('db.unavailable', message, { retryable: true })
}

/**
 * Makes the error of a query that a database did not answer. Its changes may have been made.
 *
 * @param found the result of a check of the database over another connection
 */
export function databaseSilent(endpoint: Endpoint, found: 'silent' | 'idle'): AppError {
  const why =
    found === 'silent'
      ? 'a query got no answer, and a new connection gets none either; check that PostgreSQL runs there, and the network between'
      : 'a query got no answer, although the database does not work on it; check the network between'
  const message = `${describeEndpoint(endpoint)} does not answer: ${why}`
  return new AppError('db.unavailable', message, { retryable: true })
}

function adviceFor(error: unknown, isExplained: boolean, setting: string): string {
  if (!(error instanceof pg.DatabaseError))
    return `check that PostgreSQL runs there and that ${setting}, if set, names it`
  return isExplained ? `check ${setting}` : "check the database's own log"
}

/** A host that is a path is the folder of a Unix socket. */
function describeEndpoint({ host, port, database }: Endpoint): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `The database ${database ? `"${database}" ` : ''}at ${host.startsWith('/') ? host : `${name}:${port}`}`
}
