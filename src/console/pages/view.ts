import type { FastifyRequest } from 'fastify'
import type { WrittenLanguage } from '../../core/policy.js'
import { zoneOf } from './zone.js'

/** A person's settings of pages, which the browser keeps in a cookie. */
export interface View {
  language: WrittenLanguage
  /** True if the person has chosen the language. Otherwise it follows the browser. */
  isChosen: boolean
  /** How dates are written: the language, and the region of the browser, such as `en-GB`. */
  locale: string
  /** Undefined: as in the person's system. */
  theme: 'light' | 'dark' | undefined
  /** Time zone, IANA. Undefined: not known yet; times are shown in UTC. */
  zone: string | undefined
}

/** The name of the cookie without HTTPS. */
export const VIEW_COOKIE = 'consentry-view'
/** Its name where it is `Secure` (RFC 6265bis section 4.1.3). */
const SECURE_VIEW_COOKIE = `__Host-${VIEW_COOKIE}`
/** How long the browser keeps the view, s: one year. */
const KEPT_S = 31_536_000

/**
 * The view of a request: from its cookie; without a chosen language, the language is from `Accept-Language` (RFC 9110).
 * Malformed values are ignored.
 */
export function viewOf({ headers }: Pick<FastifyRequest, 'headers'>): View {
  const given = headers.cookie ?? ''
  const kept = new URLSearchParams(cookie(given, SECURE_VIEW_COOKIE) ?? cookie(given, VIEW_COOKIE) ?? '')
  const theme = kept.get('theme')
  const chosen = languageOf(kept.get('language') ?? '')
  const tags = tagsIn(headers['accept-language'] ?? '')
  const language = chosen ?? accepted(tags)
  return {
    ...{ language, isChosen: chosen !== undefined, locale: localeOf(language, tags) },
    theme: theme === 'light' || theme === 'dark' ? theme : undefined,
    zone: zoneOf(kept.get('zone') ?? ''),
  }
}

/**
 * The value of a `Set-Cookie` header that keeps a view. It has no secret, so that scripts may write the time zone.
 *
 * @param secure whether browsers reach the console by HTTPS
 */
export function viewCookie(
  { language, isChosen, theme, zone }: Omit<View, 'locale'>,
  secure: boolean,
): string {
  const kept = new URLSearchParams({
    ...(isChosen && { language }),
    ...(theme && { theme }),
    ...(zone && { zone }),
  })
  const name = secure ? SECURE_VIEW_COOKIE : VIEW_COOKIE
  return `${name}=${kept}; Path=/; Max-Age=${KEPT_S}; SameSite=Strict${secure ? '; Secure' : ''}`
}

export const languageOf = (given: string): WrittenLanguage | undefined =>
  given === 'ru' || given === 'en' ? given : undefined

/** A language that a browser asks for, with its region in capitals, if it has one. */
interface Tag {
  language: string
  region: string | undefined
}

/** The languages of an `Accept-Language` header, the most wanted first. */
const tagsIn = (header: string): Tag[] =>
  header
    .split(',')
    .map(part => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const quality = parameters.map(one => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find(Boolean)
      const [, language = '', region] = /^([a-z]{2,3})(?:-[a-z]{4})?(?:-([a-z]{2}))?\b/i.exec(tag) ?? []
      return {
        language: language.toLowerCase(),
        region: region?.toUpperCase(),
        quality: Number(quality ?? 1),
      }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)

/** The first language that pages have. */
const accepted = (tags: readonly Tag[]): WrittenLanguage =>
  tags.map(({ language }) => languageOf(language)).find(Boolean) ?? 'en'

/**
 * The form of dates in a language: that of the region with which the browser requests this language, else of the first
 * region that it names. A region where this language is not written gets the most usual form.
 */
function localeOf(language: WrittenLanguage, tags: readonly Tag[]): string {
  const region = (tags.find(tag => tag.language === language && tag.region) ?? tags.find(tag => tag.region))
    ?.region
  if (region === undefined) return language
  const [known] = Intl.DateTimeFormat.supportedLocalesOf(`${language}-${region}`)
  const isKnown = known !== undefined && new Intl.DateTimeFormat(known).resolvedOptions().locale === known
  return isKnown ? known : language === 'en' ? 'en-001' : language
}

function cookie(header: string, name: string): string | undefined {
  const found = header.split(';').find(part => part.trim().startsWith(`${name}=`))
  return found?.trim().slice(name.length + 1)
}
