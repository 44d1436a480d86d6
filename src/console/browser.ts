import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopback } from '../http/limited-server.js'
import type { Secret } from '../shared/secret.js'
import type { ConsoleDeps } from './deps.js'

/** The settings that say how browsers reach the console. */
type Reached = Pick<ConsoleDeps['config'], 'console' | 'consoleOrigin'>

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** Whether a request may change something. */
export const isUnsafe = ({ method }: FastifyRequest): boolean => !SAFE.includes(method)

/**
 * Where a request comes from, as its browser says: a page of the console, or another page. `unsaid`: no browser of today sent it, or
 * an old one that says nothing.
 */
export function pageOf(request: FastifyRequest, reached: Reached): 'own' | 'foreign' | 'unsaid' {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'foreign'
  if (origin === undefined) return 'unsaid'
  return origin === originOf(request, reached) ? 'own' : 'foreign'
}

/**
 * The path and query of the console's own page from which a request was sent: as its script says (`HX-Current-URL`), else as the browser
 * says (`Referer`, RFC 9110 section 10.1.3). Undefined if neither names a page of the console, and if a page was loaded from itself. A form
 * may be sent to the address of its own page.
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
 * Whether cookies are marked `Secure`. Only a console that listens on loopback in clear does without, because a browser would not
 * send it such a cookie.
 */
export const isSecure = ({ protocol }: FastifyRequest, { console, consoleOrigin }: Reached): boolean =>
  protocol === 'https' ||
  consoleOrigin?.startsWith('https:') === true ||
  !(console && isLoopback(console.host))

/** The name of the cookie. A browser takes `__Host-` only with `Secure` and from this host itself (RFC 6265bis section 4.1.3). */
const nameOf = (secure: boolean): string => (secure ? '__Host-consentry' : 'consentry')

/** The value of the session's cookie. Undefined if the request has none, or several. */
export function sessionCookie(request: FastifyRequest, reached: Reached): string | undefined {
  return cookieOf(request, nameOf(isSecure(request, reached)))
}

/** The value of a cookie. Undefined if the request has none of this name, or several. */
function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const values = (headers.cookie ?? '')
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${name}=`))
    .map(pair => pair.slice(name.length + 1))
  return values.length === 1 ? values[0] : undefined
}

/** The name of the cookie by which somebody who has not signed in yet is shown again what was shown before. */
const shownName = (secure: boolean): string => `${nameOf(secure)}-shown`

/** The value of that cookie. Undefined if the request has none that the console can have given. */
export function shownCookie(request: FastifyRequest, reached: Reached): string | undefined {
  const value = cookieOf(request, shownName(isSecure(request, reached)))
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
}

/** The value of a `Set-Cookie` header that gives this cookie. @param ms how long the browser keeps it */
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

/** Puts the session's cookie into an answer, or takes it away. It ends with the browser. @param secret null: takes it away */
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
  // Pages of whoever was in are not shown again by the browser's own keeping.
  if (!secret) reply.header('clear-site-data', '"cache", "storage"')
}
