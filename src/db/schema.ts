import { AppError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import { connect } from './connection.js'
import { describeFailure, lacksSchema } from './failure.js'
import { migrationDir, migrationNames } from './migration-files.js'
import { watchdog } from './watchdog.js'

/** How long a connected database may take to answer, ms. It usually takes 1 ms. */
const ANSWER_MS = 5_000

const MIGRATE_ADVICE =
  'run `consentry migrate` with the owner in DATABASE_ADMIN_URL (docs/install.md, PostgreSQL)'

/**
 * Checks that the database has the schema of this version, neither older nor newer.
 *
 * @param url connects as the service's role
 * @param dir folder of the migrations
 * @throws AppError `db.migration` with what to do, `db.unavailable`
 */
export async function checkSchema(url: Secret | string, dir = migrationDir()): Promise<void> {
  const [wanted, found] = await Promise.all([migrationNames(dir), appliedMigrations(url)])
  if (!found) throw schemaError(`has no schema that this role may use: ${MIGRATE_ADVICE}`)
  const [extra] = found.filter(name => !wanted.includes(name))
  if (extra)
    throw schemaError(
      `has a newer schema (${extra}) than this version of Consentry: run the version that made the schema, or a later one`,
    )
  const missing = wanted.filter(name => !found.includes(name))
  if (missing.length > 0)
    throw schemaError(`has an older schema, without ${missing.join(', ')}: ${MIGRATE_ADVICE}`)
}

const schemaError = (fault: string): AppError => new AppError('db.migration', `The database ${fault}.`)

/** Names of the applied migrations; undefined if there is no schema that this role may use. */
async function appliedMigrations(url: Secret | string): Promise<string[] | undefined> {
  const rows = await askInTime<{ name: string }>(url, 'select name from kysely_migration')
  return rows?.map(({ name }) => name)
}

/**
 * Whether the role of a URL may do more than the console needs, as the roles of service and owner may.
 * @throws AppError `db.unavailable`
 */
export async function mayChangeRecordings(url: Secret): Promise<boolean> {
  const rows = await askInTime<{ may: boolean }>(
    url,
    `select has_any_column_privilege('recording', 'update') as may`,
  )
  return rows?.[0]?.may === true
}

/** Whether the role of a URL owns the tables, may become their owner, or is a superuser. @throws AppError `db.unavailable` */
export async function ownsTables(url: Secret): Promise<boolean> {
  const rows = await askInTime<{ owns: boolean }>(
    url,
    `select pg_has_role(relowner, 'member') as owns from pg_class where oid = 'event'::regclass`,
  )
  return rows?.[0]?.owns === true
}

/** Runs a query once, over a connection of its own. @returns undefined if there is no schema that this role may use */
async function askInTime<Row>(url: Secret | string, text: string): Promise<Row[] | undefined> {
  const connection = await connect(url, 'schema')
  const cancelWatchdog = watchdog(ANSWER_MS, () => connection.cut())
  try {
    return (await connection.query<Row>(text)).rows
  } catch (error) {
    if (lacksSchema(error)) return undefined
    throw new AppError('db.unavailable', `The database does not answer: ${describeFailure(error)}`, {
      retryable: true,
      cause: error,
    })
  } finally {
    cancelWatchdog()
    await connection.close()
  }
}
