import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ari, { type Client } from 'ari-client'
import { AppError } from '../shared/errors.js'
import type { Secret } from '../shared/secret.js'
import { tameSwagger } from './tame-swagger.js'

/** What reading the PBX's description may take, ms: about 100 on loopback, some 20 requests. */
const ATTACH_MS = 10_000

export interface AriAccess {
  /** `http://host:port` */
  url: string
  username: string
  password: Secret
}

tameSwagger()

/**
 * Reads the PBX's description of its ARI. A PBX that accepts the connection and then says nothing is given up on.
 *
 * @throws AppError `pbx.unavailable`, `pbx.timeout`, or what ari-client has to say
 */
export async function attach({ url, username, password }: AriAccess): Promise<Client> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new AppError('pbx.timeout', 'the PBX does not describe its ARI', { retryable: true })
    timer = setTimeout(() => reject(error), ATTACH_MS)
  })
  const connect = async () => {
    const at = await firstThatAnswers(await addressesOf(url), username, password)
    return await ari.connect(at, username, password.reveal())
  }
  try {
    return await Promise.race([connect(), late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A PBX that is given by name is asked for by its address from then on: each order opens a connection, and a name service that
 * goes away would leave callers without an answer. A certificate is for the name, so with TLS it stays.
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

/** @throws what the last of them said */
async function firstThatAnswers(urls: string[], username: string, password: Secret): Promise<string> {
  let failure: unknown
  for (const url of urls) {
    try {
      await checkDescription(url, username, password)
      return url
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** ari-client takes whatever is answered for the description: that of a PBX that is starting, or of a proxy before it, is none. */
async function checkDescription(url: string, username: string, password: Secret): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`
  const answer = await fetch(`${url.replace(/\/+$/, '')}/ari/api-docs/resources.json`, {
    headers: { authorization },
    signal: AbortSignal.timeout(ATTACH_MS),
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

/** Tells what `fetch` hides in the cause, and of the URL, whose credentials its own words may quote, no more than where it leads. */
function unreached(url: string, error: unknown): never {
  const { name, cause = error } = error as Error
  const { code, message } = cause as NodeJS.ErrnoException
  const why = typeof code === 'string' ? code : cause === error ? name : message
  throw new AppError('pbx.unavailable', `${why} at ${new URL(url).origin} (ARI_URL)`, {
    retryable: true,
    cause: error,
  })
}
