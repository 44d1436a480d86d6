import formBody from '@fastify/formbody'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { TooManyAttempts } from '../../accounts/attempts.js'
import { codeOf } from '../../core/errors.js'
import type { Message } from '../../core/message.js'
import { withDeadline } from '../../lib/deadline.js'
import { readCompany } from '../../lines/prompts/company.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { pageBefore } from '../browser.js'
import type { App, ConsoleDeps } from '../deps.js'
import { refusalOf, unanswered } from '../problem.js'
import { isForPage } from '../unparsed.js'
import { addDraftGroupPages } from './draft-group.js'
import { addDraftPages } from './drafts.js'
import type { FormAddresses } from './form-addresses.js'
import { addGroupPages } from './groups.js'
import { addInvitationPages } from './invitation.js'
import { addLinePromptPages } from './line-prompts.js'
import { addLinePages } from './lines.js'
import { addMePages } from './me.js'
import { addNowPage } from './now.js'
import { type Content, type PageContext, pageFor, pageSchema } from './page.js'
import { ProblemContent } from './parts/problem.js'
import { addPeoplePages } from './people.js'
import { addPeopleSessionPages } from './people-sessions.js'
import { addPromptPages } from './prompts.js'
import { addRulesPages, noticeRules } from './rules.js'
import { addSetupPages } from './setup.js'
import { addSetupStepPages } from './setup-steps.js'
import { addSignInPages } from './sign-in.js'
import { addSystemPages } from './system.js'

/** Longest search for the company's name, ms. It usually takes a millisecond. */
const SEARCH_MS = 5_000
/** Time until the browser reloads a page that failed because a part of the system was away, s. */
const AGAIN_S = 10

/** Adds all pages, including those for errors. */
export async function addPages(app: App, deps: ConsoleDeps & { forms: FormAddresses }): Promise<void> {
  app.setErrorHandler((error: Error, request, reply) => sendProblem(deps, request, reply, error))
  // Pages accept only forms.
  app.removeContentTypeParser('application/json')
  await app.register(formBody)
  noticeRules(app, deps)
  app.decorateRequest('company', undefined)
  app.addHook('preHandler', request => nameCompany(deps, request))
  app.get('/', { config: access('page.first'), schema: pageSchema('The first page') }, async () =>
    Answer.seeOther('/now'),
  )
  addSignInPages(app, deps)
  addSetupPages(app, deps, addInvitationPages(app, deps))
  addSetupStepPages(app, deps)
  addNowPage(app, deps)
  addLinePages(app, deps)
  addLinePromptPages(app, deps)
  addDraftPages(app, deps)
  addDraftGroupPages(app, deps)
  addGroupPages(app, deps)
  addPromptPages(app, deps)
  addPeoplePages(app, deps)
  addPeopleSessionPages(app, deps)
  addRulesPages(app, deps)
  addSystemPages(app, deps)
  addMePages(app, deps)
}

/**
 * Finds the company's name, which is above all pages of signed-in people.
 * @throws Refusal if it is not found in time
 */
export async function nameCompany(deps: ConsoleDeps, request: FastifyRequest): Promise<void> {
  if (!request.actor) return
  const search = readCompany(deps)
  const { name } = await withDeadline(search, { clock: deps.clock, ms: SEARCH_MS, error: unanswered })
  request.company = name
}

/**
 * Answers with a page that states the failure and the remedy. A GET of an address that only accepts a form is
 * redirected to the page above.
 */
export function sendProblem(
  { log, config, forms }: Pick<ConsoleDeps, 'log' | 'config'> & { forms: FormAddresses },
  request: FastifyRequest,
  reply: FastifyReply,
  error: Error & Partial<FastifyError>,
): FastifyReply {
  const { status } = refusalOf(error)
  // Even beyond the limit, an unauthenticated visitor is redirected to the sign-in, so that a flood does not lock
  // people out.
  if (status === 401 || request.crowded) return leadToSignIn(request, reply, pageBefore(request, config))
  const above = request.method === 'GET' && isForPage(request) ? forms.pageAbove(request.url) : undefined
  if ((status === 404 || status === 400) && above) return reply.code(303).header('location', above).send('')
  if (codeOf(error) === 'proof.required') return leadToProof(reply, pageBefore(request, config))
  // The message is not logged, because a database error may quote personal data.
  if (status >= 500) log.error({ kind: error.name, code: error.code }, 'a page failed')
  const { headers, body } = problemAnswer(config, request, error)
  if (error instanceof TooManyAttempts) reply.header('retry-after', error.retryAfterS)
  return reply.code(status).headers(headers).send(body)
}

/** The page that states the failure and the remedy. */
export function problemAnswer(config: ConsoleDeps['config'], request: FastifyRequest, error: Error): Answer {
  const { status, text } = refusalOf(error)
  const back = pageBefore(request, config)
  // A page that reloads itself, such as one with the progress of a synthesis, recovers by itself.
  const headers = status === 503 && request.method === 'GET' ? { refresh: String(AGAIN_S) } : {}
  return pageFor(request, context => ({ ...problemPage(context, { status, message: text, back }), headers }))
}

/**
 * Sends the browser to the sign-in, which then returns to the page of the request. If a form was lost, the sign-in
 * reports it.
 */
function leadToSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  before: string | undefined,
): FastifyReply {
  const byScript = request.headers['hx-request'] === 'true'
  const lost = byScript || request.method !== 'GET'
  const next = lost ? before : request.url
  const asked = new URLSearchParams({ ...(next && { next }), ...(lost && { ended: 'yes' }) })
  const address = `/sign-in?${asked}`
  // A script follows a 303 itself and would put the sign-in into the page. This header makes it leave the page.
  if (byScript) return reply.code(401).header('hx-redirect', address).send('')
  const { headers, body } = Answer.seeOther(address)
  return reply.code(303).headers(headers).send(body)
}

/** Sends a person who needs a fresh proof to its form, which then returns to the page of the request. */
function leadToProof(reply: FastifyReply, before: string | undefined): FastifyReply {
  const asked =
    before === undefined || before.startsWith('/me') ? '' : `?${new URLSearchParams({ next: before })}`
  const { headers, body } = Answer.seeOther(`/me${asked}#confirm`)
  return reply.code(303).headers(headers).send(body)
}

/** A refusal: its status, its message, and the page from which the refused request was sent. */
type Refused = { status: number; message: Message; back: string | undefined }

const problemPage = (context: PageContext, refused: Refused): Content => ({
  title: context.words.problem.titles[refused.status] ?? context.words.problem.title,
  body: <ProblemContent words={context.words} {...refused} />,
  status: refused.status,
})
