import formBody from '@fastify/formbody'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { TooManyAttempts } from '../../operations/people/attempts.js'
import { readCompany } from '../../operations/setup/company.js'
import { ROLES } from '../../shared/actor.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { App, ConsoleDeps } from '../deps.js'
import { problemFrom } from '../problem.js'
import { addDraftGroupPages } from './draft-group.js'
import { addDraftPages } from './drafts.js'
import { addGroupPages } from './groups.js'
import { addInvitationPages } from './invitation.js'
import { addLinePages } from './lines.js'
import { addMePages } from './me.js'
import { addNowPage } from './now.js'
import { type Content, type PageContext, pageFor, pageSchema } from './page.js'
import { ProblemContent } from './parts/problem.js'
import { addPeoplePages } from './people.js'
import { addPromptPages } from './prompts.js'
import { addRulesPages, noticeRules } from './rules.js'
import { addSetupPages } from './setup.js'
import { addSetupStepPages } from './setup-steps.js'
import { addSignInPages } from './sign-in.js'
import { addSystemPages } from './system.js'

/** Adds all pages. Their faults are pages too. */
export async function addPages(app: App, deps: ConsoleDeps): Promise<void> {
  app.setErrorHandler((error: Error, request, reply) => sendProblem(deps, request, reply, error))
  // Pages take forms only.
  app.removeContentTypeParser('application/json')
  await app.register(formBody)
  noticeRules(app, deps)
  app.decorateRequest('company', undefined)
  // Its name stands above all pages of people who have signed in.
  app.addHook('preHandler', async request => {
    if (request.actor) request.company = (await readCompany(deps)).name
  })
  app.get('/', { config: access('page.first', ROLES), schema: pageSchema('The first page') }, async () =>
    Answer.seeOther('/now'),
  )
  addSignInPages(app, deps)
  addSetupPages(app, deps)
  addSetupStepPages(app, deps)
  addInvitationPages(app, deps)
  addNowPage(app, deps)
  addLinePages(app, deps)
  addDraftPages(app, deps)
  addDraftGroupPages(app, deps)
  addGroupPages(app, deps)
  addPromptPages(app, deps)
  addPeoplePages(app, deps)
  addRulesPages(app, deps)
  addSystemPages(app, deps)
  addMePages(app, deps)
}

/** Answers with a page that says what failed and what to do. */
export function sendProblem(
  { log }: Pick<ConsoleDeps, 'log'>,
  request: FastifyRequest,
  reply: FastifyReply,
  error: Error & Partial<FastifyError>,
): FastifyReply {
  const { status, detail } = problemFrom(error)
  // Of too many strangers each is still led to the sign-in, so that a flood keeps nobody out.
  if (status === 401 || request.crowded) {
    const next = request.method === 'GET' ? `?${new URLSearchParams({ next: request.url })}` : ''
    const { headers, body } = Answer.seeOther(`/sign-in${next}`)
    return reply.code(303).headers(headers).send(body)
  }
  // Its message is not logged, because that of a database error may quote what was sent.
  if (status >= 500) log.error({ kind: error.name, code: error.code }, 'a page failed')
  const { headers, body } = pageFor(request, context => problemPage(context, status, detail))
  if (error instanceof TooManyAttempts) reply.header('retry-after', error.retryAfterS)
  return reply.code(status).headers(headers).send(body)
}

const problemPage = (context: PageContext, status: number, detail: string): Content => ({
  title: context.words.problem.titles[status] ?? context.words.problem.title,
  body: <ProblemContent words={context.words} status={status} detail={detail} />,
  status,
})
