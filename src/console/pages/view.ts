import type { FastifyRequest } from 'fastify'
import type { WrittenLanguage } from '../../shared/policy.js'
import { zoneOf } from './zone.js'

/** How a person wants pages: the browser keeps it in a cookie. */
export interface View {
  language: WrittenLanguage
  /** Undefined: as the system of the person is set. */
  theme: 'light' | 'dark' | undefined
  /** Time zone, IANA. Undefined: not known yet; times are shown in UTC. */
  zone: string | undefined
}

/** The name of the cookie where the console is reached in clear. */
export const VIEW_COOKIE = 'consentry-view'
/** Its name where it is `Secure` (RFC 6265bis section 4.1.3). */
const SECURE_VIEW_COOKIE = `__Host-${VIEW_COOKIE}`
/** How long the browser keeps the view, s: one year. */
const KEPT_S = 31_536_000

/** The view of a request: from its cookie, the language else from `Accept-Language` (RFC 9110). Whatever is malformed is left out. */
export function viewOf({ headers }: Pick<FastifyRequest, 'headers'>): View {
  const given = headers.cookie ?? ''
  const kept = new URLSearchParams(cookie(given, SECURE_VIEW_COOKIE) ?? cookie(given, VIEW_COOKIE) ?? '')
  const theme = kept.get('theme')
  return {
    language: languageOf(kept.get('language') ?? '') ?? accepted(headers['accept-language'] ?? ''),
    theme: theme === 'light' || theme === 'dark' ? theme : undefined,
    zone: zoneOf(kept.get('zone') ?? ''),
  }
}

/**
 * The value of a `Set-Cookie` header that keeps a view. It has no secret, so that scripts may write the time zone.
 *
 * @param secure whether browsers reach the console by HTTPS
 */
export function viewCookie({ language, theme, zone }: View, secure: boolean): string {
  const kept = new URLSearchParams({ language, ...(theme && { theme }), ...(zone && { zone }) })
  const name = secure ? SECURE_VIEW_COOKIE : VIEW_COOKIE
  return `${name}=${kept}; Path=/; Max-Age=${KEPT_S}; SameSite=Strict${secure ? '; Secure' : ''}`
}

export const languageOf = (given: string): WrittenLanguage | undefined =>
  given === 'ru' || given === 'en' ? given : undefined

/** The first language of the header that pages have. */
function accepted(header: string): WrittenLanguage {
  const wanted = header
    .split(',')
    .map(part => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const quality = parameters.map(one => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find(Boolean)
      return { language: languageOf(tag.slice(0, 2).toLowerCase()), quality: Number(quality ?? 1) }
    })
    .filter(({ language, quality }) => language && quality > 0)
    .sort((a, b) => b.quality - a.quality)
  return wanted[0]?.language ?? 'en'
}

function cookie(header: string, name: string): string | undefined {
  const found = header.split(';').find(part => part.trim().startsWith(`${name}=`))
  return found?.trim().slice(name.length + 1)
}
