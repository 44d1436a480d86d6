import { serversIn } from '../core/database-servers.js'
import { AppError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import { databaseUrl } from './fields.js'
import { readSecretFiles } from './settings-file.js'

/**
 * Reads the settings of `consentry migrate`. Each URL may be in a file that its `_FILE` variable names.
 *
 * @param env environment variables
 * @returns the URL of the database's owner, and the roles of service and console where their URLs are set
 * @throws AppError `config.invalid`
 */
export function readOwner(env: Record<string, string | undefined>): {
  adminUrl: Secret
  service: string | undefined
  console: string | undefined
} {
  const { values, faults } = readSecretFiles(pick(env))
  if (faults.length > 0) throw new AppError('config.invalid', faults.join('\n'))
  const adminUrl = readUrl(values, 'DATABASE_ADMIN_URL')
  if (!adminUrl)
    throw new AppError(
      'config.invalid',
      "DATABASE_ADMIN_URL: give the URL of the database's owner. Without DATABASE_URL, the service runs an embedded database and migrates that itself.",
    )
  return {
    adminUrl,
    service: roleOf(readUrl(values, 'DATABASE_URL')),
    console: roleOf(readUrl(values, 'DATABASE_CONSOLE_URL')),
  }
}

/** The variables that are read here, also as files. An empty variable counts as not set. */
const NAMES = ['DATABASE_ADMIN_URL', 'DATABASE_URL', 'DATABASE_CONSOLE_URL'].flatMap(name => [
  name,
  `${name}_FILE`,
])

const pick = (env: Record<string, string | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(NAMES.flatMap(name => (env[name] ? [[name, env[name]]] : [])))

function readUrl(env: Record<string, string | undefined>, name: string): Secret | undefined {
  const text = env[name]
  if (!text) return undefined
  const read = databaseUrl.safeParse(text)
  if (read.success) return read.data
  throw new AppError('config.invalid', `${name}: ${read.error.issues.map(issue => issue.message).join('; ')}`)
}

/** The role of a URL. A URL without a host means a Unix socket, but `URL` refuses it, so a host is added. */
const roleOf = (url: Secret | undefined): string | undefined =>
  url && decodeURIComponent(new URL(serversIn(url.reveal().replace('@/', '@localhost/'))[0]!).username)
