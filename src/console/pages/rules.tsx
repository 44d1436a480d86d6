import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { acknowledgeRules, awaitsRules, listRules, ownRules, publishRules } from '../../accounts/rules.js'
import { listUsers } from '../../accounts/users.js'
import { codeOf } from '../../core/errors.js'
import type { Message } from '../../core/message.js'
import { withDeadline } from '../../lib/deadline.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import { personOf } from '../guard.js'
import { refusalOf, unanswered } from '../problem.js'
import { needsProof } from '../proven.js'
import { pageFor, pageSchema } from './page.js'
import { OwnRulesContent, RulesContent } from './rules/rules-content.js'

/** Most bytes of a form with rules: a Cyrillic letter has six in a form, and rules have 25,000 characters. */
const FORM_BYTES = 163_840
/** Longest search for the rules, ms. It usually takes a millisecond. */
const SEARCH_MS = 5_000

declare module 'fastify' {
  interface FastifyRequest {
    /** True if rules are in force that the visitor has not acknowledged. */
    awaitsRules: boolean
  }
}

/** Finds for each page whether its visitor has acknowledged the rules in force. */
export function noticeRules(app: App, deps: ConsoleDeps): void {
  app.decorateRequest('awaitsRules', false)
  app.addHook('preHandler', async request => {
    const { actor } = request
    if (!actor || !('session' in actor)) return
    const search = awaitsRules(deps, actor)
    request.awaitsRules = await withDeadline(search, { clock: deps.clock, ms: SEARCH_MS, error: unanswered })
  })
}

/** Pages of the company's rules: one to acknowledge them, one to publish them. */
export const addRulesPages: AddRoutes = (app, deps) => {
  addOwnPages(app, deps)
  addPublishPages(app, deps)
}

/** The page of all versions of the rules. @param refused refused rules, and why */
const rulesPage = async (
  deps: ConsoleDeps,
  request: Parameters<typeof pageFor>[0],
  refused?: { text: string; wrong: Message; status: number },
): Promise<Answer> => {
  const versions = await listRules(deps)
  const users = await listUsers(deps)
  const mayPublish = hasRight(request.actor!, 'rules.publish')
  const stale = await needsProof(deps, request, 'rules.publish')
  return pageFor(request, ({ words, view }) => ({
    title: words.rules.title,
    section: 'people',
    status: refused?.status ?? 200,
    body: <RulesContent {...{ versions, users, words, view, mayPublish, stale, refused }} />,
  }))
}

/** The rules in force, and the form that acknowledges them. */
const addOwnPages: AddRoutes = (app, deps) => {
  app.get(
    '/rules',
    { config: access('rules.read'), schema: pageSchema('The rules in force') },
    async request => {
      const own = await ownRules(deps, personOf(request))
      return pageFor(request, ({ words, view }) => ({
        title: words.rules.title,
        section: 'me',
        ofRules: true,
        body: <OwnRulesContent {...{ own, words, view }} />,
      }))
    },
  )
  app.post(
    '/rules/acknowledge',
    {
      config: access('rules.acknowledge'),
      schema: {
        ...pageSchema('Notes that the visitor has read the rules and will keep them'),
        body: z.strictObject({ version: z.string().max(64) }),
      },
    },
    async request => {
      await acknowledgeRules(deps, personOf(request), request.body.version)
      return Answer.seeOther('/rules')
    },
  )
}

/** The versions of the rules, and the form that publishes one. */
const addPublishPages: AddRoutes = (app, deps) => {
  app.get(
    '/people/rules',
    {
      config: access('rules.list'),
      schema: pageSchema('The versions of the rules, and who has not acknowledged the one in force'),
    },
    async request => rulesPage(deps, request),
  )
  app.post(
    '/people/rules',
    {
      config: access('rules.publish'),
      bodyLimit: FORM_BYTES,
      schema: {
        ...pageSchema('Puts rules into force; everybody must acknowledge them again'),
        body: z.strictObject({
          text: z.string().max(2 * 25_000),
          seen: z.string().max(64).optional().describe('The version that the page showed; empty: none'),
        }),
      },
    },
    async request => {
      // A form sends CR LF, a program LF. The same text has the same version by either way.
      const text = request.body.text.replaceAll('\r\n', '\n').trim()
      try {
        await publishRules(deps, personOf(request), text, request.body.seen)
        return Answer.seeOther('/people/rules')
      } catch (error) {
        // The typed rules stay on the page, also while a proof of identity is missing.
        if (!['request.invalid', 'request.conflict', 'proof.required'].includes(codeOf(error) ?? ''))
          throw error
        const { status, text: wrong } = refusalOf(error as Error)
        return rulesPage(deps, request, { text, wrong, status })
      }
    },
  )
}
