import { Kysely, Migrator, PostgresDialect } from 'kysely'
import pg from 'pg'
import { AppError } from '../shared/errors.js'
import { Secret } from '../shared/secret.js'
import { CONNECT_MS, newClient } from './connection.js'
import { describeFailure, sqlState, connectionFailed } from './failure.js'
import { grantService } from './grants.js'
import { LOCKS } from './locks.js'
import { migrationDir, migrationProvider } from './migration-files.js'

/** SQLSTATE of what is not there: a role, for one. */
const NO_SUCH_OBJECT = '42704'

/** What `migrate` did. */
export interface MigrationReport {
  /** Names of the files that were carried out now, in order. */
  applied: string[]
}

/**
 * Brings the schema up to date and gives the service's role its privileges. Safe to run again and from several
 * processes at once: all wait for the one that holds the lock, then find nothing left to do.
 *
 * @param adminUrl the owner of the tables
 * @param role the service's own role; where it is the owner itself, or is not given, there is nobody to give privileges to
 * @throws AppError `db.unavailable`, `db.migration`, `config.invalid`
 */
export async function migrate(
  adminUrl: Secret | string,
  role?: string,
  dir = migrationDir(),
): Promise<MigrationReport> {
  const url = adminUrl instanceof Secret ? adminUrl.reveal() : adminUrl
  const connectionOptions = { connectionString: url, connectionTimeoutMillis: CONNECT_MS }
  const lock = newClient({ ...connectionOptions, application_name: 'consentry migration lock' })
  // One connection for lock and work alike: a lock taken through a pool is lost when the pool drops the connection.
  const pool = new pg.Pool({ ...connectionOptions, max: 1, idleTimeoutMillis: 0, application_name: 'consentry migrate' })
  pool.on('error', () => undefined)
  lock.on('error', () => undefined)
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  const throwUnavailable = (error: unknown): never => {
    throw connectionFailed(error, lock, 'DATABASE_ADMIN_URL')
  }
  try {
    await lock.connect().catch(throwUnavailable)
    await lock.query('select pg_advisory_lock($1)', [LOCKS.migration]).catch(throwUnavailable)
    const { error, results } = await new Migrator({ db, provider: migrationProvider(dir) }).migrateToLatest()
    // `results` also calls those a success that were rolled back with a later one that failed.
    if (error) throw migrationFailed(error, results?.find(result => result.status === 'Error')?.migrationName)
    if (role !== undefined)
      await db
        .transaction()
        .execute(trx => grantService(trx, role))
        .catch((error: unknown) => throwGrantFailed(error, role))
    return { applied: (results ?? []).map(result => result.migrationName) }
  } finally {
    await db.destroy()
    await lock.end().catch(() => undefined)
  }
}

const migrationFailed = (error: unknown, file: string | undefined): AppError =>
  new AppError('db.migration', `Migration ${file ?? 'of the schema'} failed: ${reasonOf(error)}`)

function throwGrantFailed(error: unknown, role: string): never {
  const message = `The service's role could not be given its privileges: ${reasonOf(error)}`
  const advice =
    sqlState(error) === NO_SUCH_OBJECT
      ? `. Is DATABASE_ADMIN_URL the right server? If so, make the role there: create role ${pg.escapeIdentifier(role)} login password '…'`
      : ''
  throw new AppError('db.migration', `${message}${advice}`)
}

/** A migration's error speaks of our own SQL, not of anybody's data, so its words may be shown. */
const reasonOf = (error: unknown): string =>
  `${describeFailure(error)}${error instanceof pg.DatabaseError ? `: ${error.message}` : ''}`
