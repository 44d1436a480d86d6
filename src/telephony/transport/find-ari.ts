import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '../../shared/errors.js'
import type { Secret } from '../../shared/secret.js'

/**
 * Finds the address at which ARI answers.
 *
 * @param url `http://host:port`; of a host with several addresses the first that answers is taken
 * @param ms longest wait for each answer, ms
 * @returns the URL to connect to
 * @throws AppError `pbx.unavailable`
 */
export async function findAri(url: string, username: string, password: Secret, ms: number): Promise<string> {
  let failure: unknown
  for (const at of await addressesOf(url)) {
    try {
      await checkDescription(at, username, password, ms)
      return at
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/**
 * The URL with each address of its host. Each order opens a connection, and a name service that fails would leave callers
 * without an answer, so names are resolved once. With TLS the name stays, because the certificate is for it.
 */
async function addressesOf(url: string): Promise<string[]> {
  const at = new URL(url)
  if (at.protocol === 'https:' || isIP(at.hostname.replace(/^\[|\]$/g, ''))) return [url]
  const found = await lookup(at.hostname, { all: true }).catch(error => unreached(url, error))
  return found.map(({ address, family }) => {
    at.hostname = family === 6 ? `[${address}]` : address
    return at.href.replace(/\/+$/, '')
  })
}

/** Checks that ARI answers. ari-client would take the answer of a PBX that is starting, or of a proxy, for ARI's description. */
async function checkDescription(url: string, username: string, password: Secret, ms: number): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`
  const answer = await fetch(`${url.replace(/\/+$/, '')}/ari/api-docs/resources.json`, {
    headers: { authorization },
    signal: AbortSignal.timeout(ms),
  }).catch(error => unreached(url, error))
  const described = await answer.json().catch(() => undefined)
  if (answer.status === 401 || answer.status === 403)
    throw new AppError(
      'pbx.unavailable',
      `ARI at ${new URL(url).origin} refuses ARI_USERNAME or ARI_PASSWORD (${answer.status}): give what stands in the PBX's ari.conf`,
      { retryable: true },
    )
  if (answer.ok && Array.isArray((described as { apis?: unknown } | undefined)?.apis)) return
  throw new AppError(
    'pbx.unavailable',
    `what answers at ${new URL(url).origin} (ARI_URL) does not describe an ARI (${answer.status})`,
    { retryable: true },
  )
}

/** Names the cause, which `fetch` hides, and the origin of the URL. The rest of the URL may hold credentials. */
function unreached(url: string, error: unknown): never {
  const { name, cause = error } = error as Error
  const { code, message } = cause as NodeJS.ErrnoException
  const why = typeof code === 'string' ? code : cause === error ? name : message
  throw new AppError('pbx.unavailable', `${why} at ${new URL(url).origin} (ARI_URL)`, {
    retryable: true,
    cause: error,
  })
}
