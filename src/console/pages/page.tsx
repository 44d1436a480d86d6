import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { VNode } from 'preact'
import { z } from 'zod'
import { ROLES } from '../../core/actor.js'
import { Answer } from '../answer.js'
import { assetNames } from './assets.js'
import { htmlOf } from './html-of.js'
import { Layout, type Section } from './parts/layout.js'
import { RulesNotice } from './rules/rules-content.js'
import { type View, viewOf } from './view.js'
import { type Words, wordsIn } from './words/words.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The company's name, for the head of pages. */
    company: string | undefined
  }
}

/** The data for making a page. */
export interface PageContext {
  view: View
  words: Words
  nonce: string
}

/** A page without its frame. */
export interface Content {
  title: string
  section?: Section
  body: VNode
  /** Usually 200. */
  status?: number
  /** True to hide the visitor and the sections, as on the sign-in. */
  alone?: boolean
  headers?: Readonly<Record<string, string>>
  /** True if the content has the part that scripts exchange (`moves`). */
  part?: boolean
  /** True for the page of the rules, which need not lead there. */
  ofRules?: boolean
  /** Scripts of this page, by the names in `assetNames`. */
  scripts?: readonly string[]
}

/** The schema of a page: the API's description does not have it. */
export const pageSchema = (summary: string) =>
  ({ hide: true, summary, response: { 200: z.instanceof(Answer) } }) as const

/** Random bytes of a nonce (CSP 3 asks for 16 at least). */
const NONCE_BYTES = 16

/** Makes a page for a request: in the visitor's language, with headers that let only its own scripts run. */
export function pageFor(request: FastifyRequest, make: (context: PageContext) => Content): Answer {
  const view = viewOf(request)
  const context: PageContext = {
    view,
    words: wordsIn(view.language),
    nonce: randomBytes(NONCE_BYTES).toString('base64'),
  }
  const {
    title,
    section,
    body,
    status = 200,
    alone = false,
    headers = {},
    scripts = [],
    part = false,
    ofRules = false,
  } = make(context)
  const { actor } = request
  const allHeaders = { ...pageHeaders(context), ...headers }
  // A script that asks for a part gets the content alone, because its page has the frame. No further script runs.
  // The answer replaces the editor, even if it is a refusal.
  if (request.headers['hx-request'] === 'true')
    return new Answer(status, allHeaders, htmlOf(part ? body : <div id="editor">{body}</div>))
  const visitor = !alone &&
    actor && {
      ...{ name: actor.name, way: actor.way },
      roles: ROLES.filter(role => actor.roles.includes(role)),
      person: 'session' in actor,
      company: request.company,
    }
  const html = htmlOf(
    <Layout
      frame={{ ...context, title, assets: assetNames(), scripts }}
      visitor={visitor || undefined}
      section={section}
      notice={visitor && request.awaitsRules && !ofRules && <RulesNotice words={context.words} />}
    >
      {body}
    </Layout>,
  )
  return new Answer(status, allHeaders, `<!doctype html>${html}`)
}

function pageHeaders({ view, nonce }: PageContext): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-language': view.language,
    'content-security-policy': [
      ...["default-src 'none'", `script-src 'self' 'nonce-${nonce}'`, "style-src 'self'", "font-src 'self'"],
      ...[
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
      ],
      ...["frame-ancestors 'none'", "require-trusted-types-for 'script'", 'trusted-types htmx'],
    ].join('; '),
    // Pages of the console get the referrer, so that a refusal can lead back. Other sites do not.
    'referrer-policy': 'same-origin',
    vary: 'Accept-Language, Cookie, HX-Request',
  }
}
