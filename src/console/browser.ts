import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Secret } from '../core/secret.js'
import { isLoopback } from '../lib/http/limited-server.js'
import type { ConsoleDeps } from './deps.js'

/** The settings about the address at which browsers reach the console. */
type Reached = Pick<ConsoleDeps['config'], 'console' | 'consoleOrigin'>

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** True if a request may change something. */
export const isUnsafe = ({ method }: FastifyRequest): boolean => !SAFE.includes(method)

/**
 * Origin of a request, as its browser states: a page of the console, or a foreign page. `unsaid`: the request has no
 * such header; current browsers send one.
 */
export function pageOf(request: FastifyRequest, reached: Reached): 'own' | 'foreign' | 'unsaid' {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'foreign'
  if (origin === undefined) return 'unsaid'
  return origin === originOf(request, reached) ? 'own' : 'foreign'
}

/**
 * Finds the console's own page from which a request was sent, as path and query: from the script's header
 * (`HX-Current-URL`), else from the browser's (`Referer`, RFC 9110 section 10.1.3). Undefined if neither names a page
 * of the console, and if a page was loaded from itself. A form may be sent to the address of its own page.
 */
export function pageBefore(
  request: FastifyRequest,
  reached: Pick<Reached, 'consoleOrigin'>,
): string | undefined {
  const { 'hx-current-url': current, referer } = request.headers
  const given = [current, referer].find(one => typeof one === 'string' && URL.canParse(one))
  if (given === undefined) return undefined
  const { origin, pathname, search } = new URL(String(given))
  const path = `${pathname}${search}`
  const isItself = path === request.url && !isUnsafe(request)
  return origin === originOf(request, reached) && !isItself ? path : undefined
}

/** The origin under which browsers reach the console. */
const originOf = (request: FastifyRequest, { consoleOrigin }: Pick<Reached, 'consoleOrigin'>): string =>
  consoleOrigin ?? `${request.protocol}://${request.host}`

/**
 * True if cookies are marked `Secure`. Only a console on loopback without TLS omits the mark, because a browser would
 * not send it such a cookie.
 */
export const isSecure = ({ protocol }: FastifyRequest, { console, consoleOrigin }: Reached): boolean =>
  protocol === 'https' ||
  consoleOrigin?.startsWith('https:') === true ||
  !(console && isLoopback(console.host))

/** The name of the cookie. A browser takes `__Host-` only with `Secure` and from this host itself (RFC 6265bis section 4.1.3). */
const nameOf = (secure: boolean): string => (secure ? '__Host-consentry' : 'consentry')

/** The value of the session's cookie. Undefined if the request has no such cookie, or several. */
export function sessionCookie(request: FastifyRequest, reached: Reached): string | undefined {
  return cookieOf(request, nameOf(isSecure(request, reached)))
}

/** The value of a cookie. Undefined if the request has no cookie of this name, or several. */
function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const values = (headers.cookie ?? '')
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${name}=`))
    .map(pair => pair.slice(name.length + 1))
  return values.length === 1 ? values[0] : undefined
}

/** Name of the cookie that identifies a browser before sign-in, so that a reload shows a secret again. */
const shownName = (secure: boolean): string => `${nameOf(secure)}-shown`

/** The value of that cookie. Undefined if the request lacks it, or has a value that the console cannot have given. */
export function shownCookie(request: FastifyRequest, reached: Reached): string | undefined {
  const value = cookieOf(request, shownName(isSecure(request, reached)))
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
}

/** The value of a `Set-Cookie` header for this cookie. @param ms its lifetime in the browser */
export function giveShownCookie(
  request: FastifyRequest,
  reached: Reached,
  value: string,
  ms: number,
): string {
  const secure = isSecure(request, reached)
  const parts = [
    `${shownName(secure)}=${value}`,
    'Path=/',
    `Max-Age=${ms / 1_000}`,
    'HttpOnly',
    'SameSite=Strict',
  ]
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ')
}

/**
 * Sets or removes the session's cookie in an answer. It lasts as long as the browser runs.
 * @param secret null: removes it
 */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  reached: Reached,
  secret: Secret | null,
): void {
  const secure = isSecure(request, reached)
  const parts = [
    `${nameOf(secure)}=${secret?.reveal() ?? ''}`,
    ...['Path=/', 'HttpOnly', 'SameSite=Strict'],
    ...(secure ? ['Secure'] : []),
    ...(secret ? [] : ['Max-Age=0']),
  ]
  reply.header('set-cookie', parts.join('; '))
  // Pages of the former session must not come back from the browser's cache.
  if (!secret) reply.header('clear-site-data', '"cache", "storage"')
}
