import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { requestOutgoing } from '../../lib/process/outgoing.js'
import { authorizationOf, baseOf } from './ari-request.js'

/** Most bytes of the list of resources. It has some KB. */
const MAX_BYTES = 1_048_576

/**
 * Finds the address at which ARI answers.
 *
 * @param url `http://host:port`; if the host has several addresses, the first that answers is used
 * @param ms longest wait for the answer of each address, ms
 * @returns the URL to connect to, and the resources that ARI has there, as it lists them
 * @throws AppError `pbx.unavailable`
 */
export async function findAri(
  url: string,
  username: string,
  password: Secret,
  ms: number,
): Promise<{ origin: string; resources: readonly unknown[] }> {
  let failure: unknown
  for (const origin of await addressesOf(url)) {
    try {
      return { origin, resources: await readResources(origin, username, password, ms) }
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/**
 * The URL with each address of its host. Names are resolved once, because an order may open a connection, and a failing name service
 * would delay callers. With TLS the name stays, because the certificate is for the name.
 */
async function addressesOf(url: string): Promise<string[]> {
  const at = new URL(url)
  if (at.protocol === 'https:' || isIP(at.hostname.replace(/^\[|\]$/g, ''))) return [url]
  const found = await lookup(at.hostname, { all: true }).catch(error => throwUnreachable(url, error))
  return found.map(({ address, family }) => {
    at.hostname = family === 6 ? `[${address}]` : address
    return at.href.replace(/\/+$/, '')
  })
}

/** Reads the list of resources. A starting PBX, or a proxy, may answer with something else. */
async function readResources(
  url: string,
  username: string,
  password: Secret,
  ms: number,
): Promise<readonly unknown[]> {
  const endpoint = { origin: url, username, password }
  const answer = await requestOutgoing(`${baseOf(endpoint)}/api-docs/resources.json`, {
    headers: { authorization: authorizationOf(endpoint) },
    ...{ ms, mostBytes: MAX_BYTES, inside: 'any' },
  }).catch(error => throwUnreachable(url, error))
  const described = parsed(answer.body)
  if (answer.status === 401 || answer.status === 403)
    throw new AppError(
      'pbx.unavailable',
      `ARI at ${new URL(url).origin} refuses ARI_USERNAME or ARI_PASSWORD (${answer.status}): use those of the PBX's ari.conf`,
      { retryable: true },
    )
  if (answer.status === 200 && Array.isArray(described?.apis)) return described.apis
  throw new AppError(
    'pbx.unavailable',
    `the server at ${new URL(url).origin} (ARI_URL) is not an Asterisk REST interface (${answer.status}): check ARI_URL`,
    { retryable: true },
  )
}

function parsed(body: Buffer): { apis?: unknown } | undefined {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Throws with the cause, and the origin of the URL. The rest of the URL may contain credentials. */
function throwUnreachable(url: string, error: unknown): never {
  const { name, cause = error } = error as Error
  const { code, message } = cause as NodeJS.ErrnoException
  const why = typeof code === 'string' ? code : cause === error ? name : message
  throw new AppError('pbx.unavailable', `${why} at ${new URL(url).origin} (ARI_URL)`, {
    retryable: true,
    cause: error,
  })
}
