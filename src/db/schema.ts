import { AppError } from '../shared/errors.js'
import type { Secret } from '../shared/secret.js'
import { connect } from './connection.js'
import { describeFailure, lacksSchema } from './failure.js'
import { migrationDir, migrationNames } from './migration-files.js'
import { watchdog } from './watchdog.js'

/** How long a database that took the connection may take to answer, ms; it usually takes one. */
const ANSWER_MS = 5_000

const MIGRATE = 'run `consentry migrate` with the owner in DATABASE_ADMIN_URL (docs/install.md, PostgreSQL)'

/**
 * Makes sure that the database has the schema of this version, no older and no newer one.
 *
 * @param url connects as the service's role
 * @param dir folder of the migrations
 * @throws AppError `db.migration` with what to do, `db.unavailable`
 */
export async function checkSchema(url: Secret | string, dir = migrationDir()): Promise<void> {
  const [wanted, found] = await Promise.all([migrationNames(dir), appliedTo(url)])
  if (!found) throw wrong(`has no schema that this role may use: ${MIGRATE}`)
  const [extra] = found.filter(name => !wanted.includes(name))
  if (extra)
    throw wrong(
      `has a newer schema than this version knows (${extra}): run the version that made it, or a later one`,
    )
  const missing = wanted.filter(name => !found.includes(name))
  if (missing.length > 0) throw wrong(`has an older schema, without ${missing.join(', ')}: ${MIGRATE}`)
}

const wrong = (what: string): AppError => new AppError('db.migration', `The database ${what}.`)

/** Names of the migrations that were carried out; undefined if there is no schema, or none that this role may use. */
async function appliedTo(url: Secret | string): Promise<string[] | undefined> {
  const connection = await connect(url, 'schema')
  const answered = watchdog(ANSWER_MS, () => connection.cut())
  try {
    const { rows } = await connection.query<{ name: string }>('select name from kysely_migration')
    return rows.map(({ name }) => name)
  } catch (error) {
    if (lacksSchema(error)) return undefined
    throw new AppError('db.unavailable', `The database does not answer: ${describeFailure(error)}`, {
      retryable: true,
      cause: error,
    })
  } finally {
    answered()
    await connection.close()
  }
}
