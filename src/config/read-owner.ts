import { AppError } from '../shared/errors.js'
import type { Secret } from '../shared/secret.js'
import { databaseUrl } from './fields.js'

/**
 * Reads the database's owner for `consentry migrate`, which needs no other setting.
 *
 * @param env environment variables
 * @returns the owner's URL, and the service's role if `DATABASE_URL` names it
 * @throws AppError `config.invalid`
 */
export function readOwner(env: Record<string, string | undefined>): {
  adminUrl: Secret
  role: string | undefined
} {
  const adminUrl = readUrl(env, 'DATABASE_ADMIN_URL')
  if (!adminUrl)
    throw new AppError(
      'config.invalid',
      'DATABASE_ADMIN_URL: give the owner of the database. Without DATABASE_URL the service has a database of its own, and keeps that up to date itself.',
    )
  return { adminUrl, role: roleOf(readUrl(env, 'DATABASE_URL')) }
}

function readUrl(env: Record<string, string | undefined>, name: string): Secret | undefined {
  const text = env[name]
  if (!text) return undefined
  const read = databaseUrl.safeParse(text)
  if (read.success) return read.data
  throw new AppError('config.invalid', `${name}: ${read.error.issues.map(issue => issue.message).join('; ')}`)
}

/** `URL` refuses a URL without a host, which libpq takes for a socket, so a host is put in. */
const roleOf = (url: Secret | undefined): string | undefined =>
  url && decodeURIComponent(new URL(url.reveal().replace('@/', '@localhost/')).username)
