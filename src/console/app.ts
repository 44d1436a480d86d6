import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import compress from '@fastify/compress'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import fastify, {
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { networkOf, TooManyAttempts } from '../accounts/attempts.js'
import type { Clock } from '../core/clock.js'
import { text } from '../core/message.js'
import { withDeadline } from '../lib/deadline.js'
import { limitedServer, limitedTlsServer } from '../lib/http/limited-server.js'
import { version } from '../lib/process/project.js'
import { requireAccess } from './access.js'
import { Answer } from './answer.js'
import { isUnsafe } from './browser.js'
import { followCertificate, readCertificate } from './certificate.js'
import type { App, ConsoleDeps } from './deps.js'
import { guard } from './guard.js'
import { addAssets } from './pages/assets.js'
import { FormAddresses } from './pages/form-addresses.js'
import { messageFor } from './pages/message-for.js'
import { addPages, nameCompany, problemAnswer, sendProblem } from './pages/pages.js'
import { makeProblem, PROBLEM_TYPE, Refusal, refusalOf, unanswered, unjournalled } from './problem.js'
import { addAccountRoutes } from './routes/account.js'
import { addCallRoutes } from './routes/calls.js'
import { addDraftRoutes } from './routes/drafts.js'
import { addGroupProposalRoutes } from './routes/group-proposals.js'
import { addLineGroupRoutes } from './routes/line-groups.js'
import { addLineRoutes } from './routes/lines.js'
import { addPasskeyRoutes } from './routes/passkeys.js'
import { addPromptRoutes } from './routes/prompts.js'
import { addProofRoutes } from './routes/proof.js'
import { addRecordRoutes } from './routes/record-prompt.js'
import { addRingRoutes } from './routes/ring.js'
import { addRulesRoutes } from './routes/rules.js'
import { addSelfRoutes } from './routes/self.js'
import { addSessionRoutes } from './routes/session.js'
import { addSetupRoutes } from './routes/setup.js'
import { addTokenRoutes } from './routes/tokens.js'
import { addUserRoutes } from './routes/users.js'
import { answerAddress, answerNonsense, isForPage, STILL_POLICY } from './unparsed.js'

/** Most bytes of a request's body: a line with eight purposes in long words has some 20 KB. */
const BODY_BYTES = 65_536
/** Most requests with one token or session in a minute, and of one address to unknown routes. */
const PER_MINUTE = 600
/** Most requests in a minute, of all clients together, without a valid token or session. */
const STRANGERS_PER_MINUTE = 60
/** Most requests in a minute, of one address, to routes without sign-in. An office may share one address. */
const ANYONE_PER_MINUTE = 240
/** Most events in a minute about refusals because of a limit. */
const REFUSALS_PER_MINUTE = 60
const MINUTE_MS = 60_000
/** Most connections at once: live pages, and six of each browser that loads a page. */
const MAX_CONNECTIONS = 256
/** Longest time of a handler, ms. It exceeds the journal's time to confirm a change. */
const HANDLER_MS = 12_000

/** Adds the routes of the API, subject by subject. */
export const apiRoutes = [
  ...[addSelfRoutes, addLineRoutes, addDraftRoutes, addLineGroupRoutes, addPromptRoutes, addCallRoutes],
  ...[addTokenRoutes, addSessionRoutes, addAccountRoutes, addUserRoutes, addRulesRoutes, addRingRoutes],
  addPasskeyRoutes,
  addGroupProposalRoutes,
  ...[addProofRoutes, addSetupRoutes, addRecordRoutes],
]

/** Makes the console's server, without listening. */
export async function consoleApp(deps: ConsoleDeps): Promise<App> {
  const { consoleTls } = deps.config
  const certificate = consoleTls && (await readCertificate(consoleTls))
  const uploads = new UploadRoutes(BODY_BYTES)
  const forms = new FormAddresses()
  const problems = { ...deps, forms }
  const app = newServer(deps, certificate, uploads, async (request, reply, refusal) => {
    await noteMalformed(request)
    sendProblem(problems, request, reply, refusal)
  })
  answerErrors(app, deps)
  await addHeadersAndAssets(app)
  await app.register(rateLimit, { global: false, max: PER_MINUTE, timeWindow: MINUTE_MS })
  app.addHook('onRoute', requireAccess)
  app.addHook('onRoute', route => uploads.note(route))
  app.addHook('onRoute', route => forms.note(route))
  const equal = new EqualRequests(deps.clock)
  app.addHook('onRoute', route => answerInTime(route, deps.clock, equal))
  const visitorOf = addGuard(app, deps)
  /**
   * Finds the requester of an address without a route, so that its page has their menu. Continues without facts that
   * the database does not give.
   */
  const noteVisitor = async (request: FastifyRequest) => {
    request.actor = await visitorOf(request)
    await nameCompany(deps, request).catch(() => undefined)
  }
  const malformed = counting(app, PER_MINUTE, ({ ip }) => networkOf(ip))
  /** Does the same where no hook limits requests. Beyond the limit the page has no menu. */
  const noteMalformed = async (request: FastifyRequest) => {
    request.actor = null
    if (await malformed(request)) return
    await noteVisitor(request)
  }
  // A request is journalled before its answer is compressed.
  await compressAnswers(app)
  app.addHook('preValidation', async ({ body, query, params }) => requirePlainInput(body, query, params))
  const elsewhere = app.rateLimit({
    errorResponseBuilder: () =>
      new Refusal(429, 'Too many requests came to addresses that are none: wait a minute.'),
  })
  app.setNotFoundHandler({ preHandler: elsewhere }, async (request, reply) => {
    if (!isForPage(request))
      return reply.code(404).type(PROBLEM_TYPE).send(makeProblem(404, 'See /api/v1/openapi.json.'))
    await noteVisitor(request)
    return sendProblem(problems, request, reply, new Refusal(404, 'No page has this address.'))
  })
  await describeApi(app)
  const addRoutes = async (api: App) => {
    for (const add of apiRoutes) add(api, deps)
  }
  await app.register(addRoutes, { prefix: '/api/v1' })
  await app.register(async pages => addPages(pages as App, problems))
  if (consoleTls) {
    const end = followCertificate(app.server as unknown as TlsServer, consoleTls, deps.log)
    app.addHook('onClose', async () => end())
  }
  await app.ready()
  return app
}

/** Makes the bare server. @param answerMalformed answers a request that cannot be read */
function newServer(
  { config }: ConsoleDeps,
  certificate: Certificate | undefined,
  uploads: UploadRoutes,
  answerMalformed: (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => Promise<void>,
): App {
  const bounds = { connections: MAX_CONNECTIONS, isUpload: uploads.has.bind(uploads) }
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES,
    exposeHeadRoutes: false,
    serverFactory: handle =>
      certificate ? limitedTlsServer(handle, certificate, bounds) : limitedServer(handle, bounds),
    ...(config.consoleProxies.length > 0 && { trustProxy: [...config.consoleProxies] }),
    frameworkErrors: (_error, request: FastifyRequest, reply: FastifyReply) =>
      answerAddress(request, reply, refusal => answerMalformed(request, reply, refusal)),
    clientErrorHandler: answerNonsense,
  }).withTypeProvider<ZodTypeProvider>() as App
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.removeContentTypeParser('text/plain')
  return app
}

type Certificate = Awaited<ReturnType<typeof readCertificate>>

/** Answers errors of the API as problems. */
function answerErrors(app: App, deps: ConsoleDeps): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const found = refusalOf(error)
    // The message is not logged, because a database error may quote personal data.
    if (found.status >= 500) deps.log.error({ kind: error.name, code: error.code }, 'a request failed')
    if (found.status === 401) reply.header('www-authenticate', 'Bearer')
    if ((error as Error) instanceof TooManyAttempts)
      reply.header('retry-after', (error as unknown as TooManyAttempts).retryAfterS)
    return reply
      .code(found.status)
      .type(PROBLEM_TYPE)
      .send(makeProblem(found.status, messageFor(request, found.text)))
  })
}

/** Adds the headers of all answers, and the public files. */
async function addHeadersAndAssets(app: App): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: STILL_POLICY,
    },
    xFrameOptions: { action: 'deny' },
  })
  // These files are public, so they come before the hooks that require access and forbid caching.
  await app.register(addAssets)
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}

/** Guards the routes that are added after it. @returns finds the requester of an address without a route */
const addGuard = (app: App, deps: ConsoleDeps) =>
  guard(
    app,
    deps,
    {
      known: counting(app, PER_MINUTE, ({ actor }) => ('session' in actor! ? actor.session : actor!.token)),
      strangers: counting(app, STRANGERS_PER_MINUTE, () => 'strangers'),
      anyone: counting(app, ANYONE_PER_MINUTE, ({ ip }) => networkOf(ip)),
      visits: counting(app, STRANGERS_PER_MINUTE, () => 'visits'),
      refusals: limitedRefusals(app),
    },
    request => unjournalledAnswer(deps.config, request),
  )

/** Adds the description of the API, which lists the routes that are added after it. */
async function describeApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Consentry', version },
      security: [{ token: [] }, { session: [] }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: '__Host-consentry' },
        },
      },
    },
    transform: describeAccess,
    transformObject: jsonSchemaTransformObject,
  })
}

/** Adds a route's roles and its action to the API's description. */
const describeAccess: typeof jsonSchemaTransform = input => {
  const described = jsonSchemaTransform(input)
  const { access } = input.route.config ?? {}
  if (!access) return described
  const { action, roles, peopleOnly } = access
  const shown = {
    ...{ 'x-action': action, 'x-roles': roles === 'anyone' ? [roles] : roles, 'x-people-only': peopleOnly },
    ...(roles === 'anyone' && { security: [] }),
  }
  return { ...described, schema: { ...described.schema, ...shown } }
}

/** Makes the answer to a request that could not be journalled: a page for a browser, else a problem. */
function unjournalledAnswer(config: ConsoleDeps['config'], request: FastifyRequest): Answer {
  const refusal = unjournalled()
  if (isForPage(request)) return problemAnswer(config, request, refusal)
  const problem = makeProblem(refusal.status, messageFor(request, refusal.text))
  return new Answer(problem.status, { 'content-type': PROBLEM_TYPE }, JSON.stringify(problem))
}

/**
 * Limits journalled refusals: one per requester or network and action in a minute, and `REFUSALS_PER_MINUTE` in all.
 */
function limitedRefusals(app: App) {
  const whose = ({ actor, ip, routeOptions }: FastifyRequest) =>
    `${actor?.name ?? networkOf(ip)} ${routeOptions.config.access?.action}`
  const [one, all] = [counting(app, 1, whose), counting(app, REFUSALS_PER_MINUTE, () => 'refusals')]
  return async (request: FastifyRequest) => (await one(request)) || (await all(request))
}

/** Counts requests by a key per minute. */
function counting(app: App, max: number, keyGenerator: (request: FastifyRequest) => string) {
  const count = app.createRateLimit({ max, timeWindow: MINUTE_MS, keyGenerator })
  return async (request: FastifyRequest): Promise<boolean> => {
    const counted = await count(request)
    return !counted.isAllowed && counted.isExceeded
  }
}

/**
 * Limits the time of a route's handler. A handler only returns its result: changes of the reply after the limit would
 * alter the timeout's answer. The status is the first one of the schema.
 */
function answerInTime(route: RouteOptions, clock: ConsoleDeps['clock'], equal: EqualRequests): void {
  const { handler } = route
  const [status] = Object.keys((route.schema as { response: object }).response)
  route.handler = async function (request, reply) {
    const work = equal.once(request, () => handler.call(this, request, reply))
    const ms = route.config?.handlerMs ?? HANDLER_MS
    const result = await withDeadline(work, { clock, ms, error: unanswered })
    if (!(result instanceof Answer)) {
      reply.code(Number(status))
      return result
    }
    reply.code(result.status).headers(result.headers)
    return result.body
  }
}

/**
 * Compresses answers for signed-in users, to GET only. An answer to a form may show a secret, such as recovery codes,
 * beside typed text, and its compressed length would reveal it (BREACH). For the same reason pages that show a secret
 * once, whose actions are named `….show-…`, are not compressed. Bodies of requests are never decompressed.
 */
async function compressAnswers(app: App): Promise<void> {
  app.addHook('onRoute', exceptSecrets)
  await app.register(compress, { globalDecompression: false, encodings: ['br', 'gzip'] })
}

function exceptSecrets(route: RouteOptions): void {
  const access = route.config?.access
  if (route.method !== 'GET' || access?.roles === 'anyone' || access?.action.includes('.show-'))
    route.compress = false
}

/** The routes that take long bodies. A connection needs them before its request is routed. */
export class UploadRoutes {
  readonly #forms: { method: string; path: RegExp }[] = []

  /** @param usualBytes most bytes of a body that is not an upload */
  constructor(readonly usualBytes: number) {}

  /** Registers a route whose bodies are longer than usual. For the hook `onRoute`. */
  note({ method, url, bodyLimit = 0 }: Pick<RouteOptions, 'method' | 'url' | 'bodyLimit'>): void {
    if (bodyLimit <= this.usualBytes) return
    const path = new RegExp(`^${url.replaceAll(/:\w+/g, '[^/?]+')}(\\?|$)`)
    for (const one of [method].flat()) this.#forms.push({ method: one, path })
  }

  /** True if a request is for such a route. */
  has({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
    return this.#forms.some(form => form.method === method && form.path.test(url))
  }
}

/** Deepest nesting of a body: a line has four levels. Deeper ones would exhaust the stack. */
const MAX_DEPTH = 32

/**
 * Refuses input that the console cannot process: the character U+0000, which PostgreSQL does not store, and bodies
 * nested too deeply.
 *
 * @param inputs body, query and parameters as they were parsed
 * @throws Refusal that names the field
 */
function requirePlainInput(...inputs: unknown[]): void {
  let level = inputs.map(value => ({ path: '', value }))
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new Refusal(400, text`The body has more than ${MAX_DEPTH} levels.`)
    const next: typeof level = []
    for (const { path, value } of level) {
      if (typeof value === 'string') requireNoNul(value, path)
      if (typeof value !== 'object' || value === null) continue
      for (const [key, one] of Object.entries(value)) {
        requireNoNul(key, path)
        next.push({ path: `${path}/${key}`, value: one })
      }
    }
    level = next
  }
}

function requireNoNul(typed: string, path: string): void {
  if (typed.includes('\0'))
    throw new Refusal(
      400,
      text`${path || 'A name of a field'} has the character U+0000, which no field may hold.`,
    )
}

/** How long an answer is repeated for an equal request, ms. A double click takes at most half of it. */
const AGAIN_MS = 1_000

/** A form in progress, or an answered one. */
interface Known {
  /** A hash of address and body. It keeps no secret of the body. */
  form: string
  answer: Promise<unknown>
  /** When the answer stops being repeated, ms of the monotonic clock. */
  until: number
}

/**
 * Runs one of several equal forms that a session sends in quick succession, and gives all of them its answer. Forms are
 * equal if their addresses and all fields are. So a double click does not lose an answer that is shown once, such as a
 * link. A refusal is not repeated. Another form of the session in between ends the repetition.
 */
class EqualRequests {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** The last form of each session. */
  readonly #last = new Map<string, Known>()

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
  }

  /** Returns what `work` returns, or has returned for an equal request. @throws what `work` throws */
  async once(request: FastifyRequest, work: () => unknown): Promise<unknown> {
    const { actor, url, body } = request
    if (!actor || !('session' in actor) || !isUnsafe(request) || url.startsWith('/api/')) return work()
    const now = this.#clock.elapsed()
    for (const [session, { until }] of this.#last) if (until <= now) this.#last.delete(session)
    const form = createHash('sha256')
      .update(JSON.stringify([url, body ?? null]))
      .digest('base64')
    const before = this.#last.get(actor.session)
    if (before?.form === form) return before.answer
    const known: Known = { form, answer: (async () => work())(), until: Infinity }
    this.#last.set(actor.session, known)
    let again = false
    try {
      const answer = await known.answer
      again = answer instanceof Answer && answer.status < 400
      return answer
    } finally {
      known.until = again ? this.#clock.elapsed() + AGAIN_MS : 0
    }
  }
}
