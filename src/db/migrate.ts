import { Kysely, Migrator, PostgresAdapter, PostgresDialect } from 'kysely'
import pg from 'pg'
import { AppError } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { Client } from './client.js'
import { connect, newClient } from './connection.js'
import { connectionFailed, describeFailure, sqlState } from './failure.js'
import { grantConsole, grantService } from './grants.js'
import { lockKey } from './locks.js'
import { migrationDir, migrationProvider } from './migration-files.js'
import { chooseServer } from './servers.js'
import { isHeld } from './session-lock.js'

/** How long connecting may take, ms. No caller waits for a migration, and a machine that has just started is busy. */
const CONNECT_MS = 15_000

/** How long another migration may have the lock, ms. It takes seconds; with a large journal it may take minutes. */
const TURN_MS = 600_000

/** SQLSTATE of a lock that was not free in time. */
const LOCK_NOT_AVAILABLE = '55P03'

/** SQLSTATE of a missing object, such as a role. */
const NO_SUCH_OBJECT = '42704'

/** The roles that use the database. */
export interface DatabaseRoles {
  service?: string | undefined
  console?: string | undefined
}

/** The result of `migrate`. */
export interface MigrationReport {
  /** Names of the files that this run applied, in order. */
  applied: string[]
}

/**
 * Migrates the schema and gives service and console their privileges. It is safe to run again. Several processes at once wait for
 * one another; the later ones find nothing left to do.
 *
 * @param adminUrl connects as the owner of the tables
 * @param roles the roles of service and console. A role that is not named gets nothing.
 * @param dir folder of the SQL files
 * @param turnMs how long another migration may take
 * @throws AppError `db.unavailable`, `db.migration`, `config.invalid`
 */
export async function migrate(
  adminUrl: Secret | string,
  roles: DatabaseRoles = {},
  dir = migrationDir(),
  turnMs = TURN_MS,
): Promise<MigrationReport> {
  const url = adminUrl instanceof Secret ? adminUrl.reveal() : adminUrl
  requireDistinct(roles)
  const connectionOptions = {
    connectionString: await serverToMigrate(url),
    connectionTimeoutMillis: CONNECT_MS,
  }
  const lock = newClient({ ...connectionOptions, application_name: 'consentry migration lock' })
  // The lock belongs to a connection of its own: the pool drops connections.
  const pool = new pg.Pool({
    ...connectionOptions,
    max: 1,
    idleTimeoutMillis: 0,
    Client,
    application_name: 'consentry migrate',
  })
  pool.on('error', () => undefined)
  const db = new Kysely<unknown>({ dialect: new UnlockedDialect({ pool }) })
  const throwUnavailable = (error: unknown): never => {
    throw connectionFailed(error, lock, 'DATABASE_ADMIN_URL')
  }
  try {
    await lock.connect().catch(throwUnavailable)
    if (!(await takeMigrationLock(lock, turnMs).catch(throwUnavailable)))
      throw await heldByOther(lock, turnMs).catch(throwUnavailable)
    const { error, results } = await new Migrator({ db, provider: migrationProvider(dir) }).migrateToLatest()
    // `results` also reports success for migrations that were rolled back with a later, failed one.
    if (error) throw migrationFailed(error, results?.find(result => result.status === 'Error')?.migrationName)
    await grant(db, grantService, roles.service)
    await grant(db, grantConsole, roles.console)
    return { applied: (results ?? []).map(result => result.migrationName) }
  } finally {
    await db.destroy()
    await lock.end().catch(() => undefined)
  }
}

/** Waits for the lock, which the connection then has until it ends. @returns false if it is not free within `ms` */
async function takeMigrationLock(lock: Client, ms: number): Promise<boolean> {
  try {
    await lock.query(`set lock_timeout = ${ms}`)
    await lock.query(`select pg_advisory_lock(${lockKey('migration')})`)
    return true
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return false
    throw error
  }
}

/** Names the session that has the lock, and what to do. */
async function heldByOther(lock: Client, ms: number): Promise<AppError> {
  const { rows } = await lock.query<{ pid: number; role: string; name: string }>(
    `select s.pid, s.usename as role, s.application_name as name
     from pg_locks l join pg_stat_activity s using (pid) where ${isHeld('migration')}`,
  )
  const holders = rows.map(({ pid, role, name }) => `process ${pid} of the role ${role} (${name})`)
  return new AppError(
    'db.migration',
    `Another migration does not end within ${ms / 1_000} s: ${holders.join(', ')}. Wait until it ends, or end it: select pg_terminate_backend(pid).`,
  )
}

/** The server that accepts writes, of a database with several. @throws AppError `db.unavailable` */
async function serverToMigrate(url: string): Promise<string> {
  if (chooseServer(url).count > 1) await connect(url, 'migration').then(connection => connection.close())
  return chooseServer(url).url
}

/**
 * Refuses one role for both: the console's privileges would replace the service's.
 * @throws AppError `config.invalid`
 */
function requireDistinct({ service, console }: DatabaseRoles): void {
  if (console !== undefined && console === service)
    throw new AppError(
      'config.invalid',
      `Service and console both have the role ${console}: give the console one of its own, see docs/install.md.`,
    )
}

async function grant(db: Kysely<unknown>, give: typeof grantService, role: string | undefined) {
  if (role === undefined) return
  await db
    .transaction()
    .execute(trx => give(trx, role))
    .catch((error: unknown) => throwGrantFailed(error, role))
}

const migrationFailed = (error: unknown, file: string | undefined): AppError =>
  error instanceof AppError
    ? error
    : new AppError('db.migration', `Migration ${file ?? 'of the schema'} failed: ${reasonOf(error)}`)

function throwGrantFailed(error: unknown, role: string): never {
  if (error instanceof AppError) throw error
  const message = `The privileges of the role ${role} could not be granted: ${reasonOf(error)}`
  const advice =
    sqlState(error) === NO_SUCH_OBJECT
      ? `. Check that DATABASE_ADMIN_URL names the right server. If it does, create the role there: create role ${pg.escapeIdentifier(role)} login password '…'`
      : ''
  throw new AppError('db.migration', `${message}${advice}`)
}

/** A migration's error quotes our own SQL and no personal data, so its message may be shown. */
const reasonOf = (error: unknown): string =>
  `${describeFailure(error)}${error instanceof pg.DatabaseError ? `: ${error.message}` : ''}`

/**
 * Kysely's dialect without its own lock for migrations, because `migrate` has one. On a lost connection the failure to
 * release Kysely's lock would hide why the migration failed.
 */
class UnlockedDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new UnlockedAdapter()
  }
}

class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
