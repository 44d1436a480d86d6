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
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { limitedServer } from '../http/limited-server.js'
import { version } from '../process/project.js'
import { withDeadline } from '../shared/deadline.js'
import { requireAccess } from './access.js'
import type { App, ConsoleDeps } from './deps.js'
import { guard } from './guard.js'
import { makeProblem, PROBLEM_TYPE, problemOf, Refusal, unanswered } from './problem.js'
import { addCallRoutes } from './routes/calls.js'
import { addLineRoutes } from './routes/lines.js'
import { addPromptRoutes } from './routes/prompts.js'
import { addSelfRoutes } from './routes/self.js'
import { addTokenRoutes } from './routes/tokens.js'

/** Most bytes of a request's body: a line with eight purposes in long words has some 20 KB. */
const BODY_BYTES = 65_536
/** Most requests with one token in a minute, and of one address to no route. */
const PER_MINUTE = 600
/** Most requests in a minute, of all clients together, without a valid token. */
const STRANGERS_PER_MINUTE = 60
const MINUTE_MS = 60_000
/** How long a handler may take, ms. Longer than the journal may take to confirm a change. */
const HANDLER_MS = 12_000

const routes = [addSelfRoutes, addLineRoutes, addCallRoutes, addPromptRoutes, addTokenRoutes]

/** Makes the console's server, without listening. */
export async function consoleApp(deps: ConsoleDeps): Promise<App> {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES,
    exposeHeadRoutes: false,
    serverFactory: limitedServer,
    frameworkErrors(_error, _request, reply: FastifyReply) {
      void reply
        .code(400)
        .type(PROBLEM_TYPE)
        .send(makeProblem(400, 'The address is malformed: see /api/v1/openapi.json.'))
    },
  }).withTypeProvider<ZodTypeProvider>() as App
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const found = problemFrom(error)
    // Its message is not logged, because that of a database error may quote what was sent.
    if (found.status >= 500) deps.log.error({ kind: error.name, code: error.code }, 'a request failed')
    if (found.status === 401) reply.header('www-authenticate', 'Bearer')
    return reply.code(found.status).type(PROBLEM_TYPE).send(found)
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    xFrameOptions: { action: 'deny' },
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  await app.register(rateLimit, { global: false, max: PER_MINUTE, timeWindow: MINUTE_MS })
  app.addHook('onRoute', requireAccess)
  app.addHook('onRoute', route => answerInTime(route, deps.clock))
  guard(app, deps, {
    token: counting(app, PER_MINUTE, request => request.actor!.token),
    strangers: counting(app, STRANGERS_PER_MINUTE, () => 'strangers'),
  })
  const elsewhere = app.rateLimit({
    errorResponseBuilder: () =>
      new Refusal(429, 'Too many requests came to addresses that are none: wait a minute.'),
  })
  app.setNotFoundHandler({ preHandler: elsewhere }, (_request, reply) =>
    reply.code(404).type(PROBLEM_TYPE).send(makeProblem(404, 'See /api/v1/openapi.json.')),
  )
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Consentry', version },
      security: [{ token: [] }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: describeAccess,
    transformObject: jsonSchemaTransformObject,
  })
  const addRoutes = async (api: App) => {
    for (const add of routes) add(api, deps)
  }
  await app.register(addRoutes, { prefix: '/api/v1' })
  await app.ready()
  return app
}

/** Puts the roles of a route and the journal's word for it into the description. */
const describeAccess: typeof jsonSchemaTransform = input => {
  const described = jsonSchemaTransform(input)
  const { access } = input.route.config ?? {}
  if (!access) return described
  const shown = { 'x-action': access.action, 'x-roles': access.roles }
  return { ...described, schema: { ...described.schema, ...shown } }
}

function problemFrom(error: FastifyError) {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const faults = error.validation.map(
      ({ instancePath, message }) => `${instancePath || 'the whole'} ${message}`,
    )
    return makeProblem(400, faults.join('; '))
  }
  const { statusCode } = error
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return makeProblem(statusCode, error.message)
  return problemOf(error)
}

/** Counts requests by a key in each minute. */
function counting(app: App, max: number, keyGenerator: (request: FastifyRequest) => string) {
  const count = app.createRateLimit({ max, timeWindow: MINUTE_MS, keyGenerator })
  return async (request: FastifyRequest): Promise<boolean> => {
    const counted = await count(request)
    return !counted.isAllowed && counted.isExceeded
  }
}

/**
 * Limits how long the handler of a route may take. It only returns its result: what it does to the reply after the limit would change
 * the answer that says so. The status is the first one of the schema.
 */
function answerInTime(route: RouteOptions, clock: ConsoleDeps['clock']): void {
  const { handler } = route
  const [status] = Object.keys((route.schema as { response: object }).response)
  route.handler = async function (request, reply) {
    const work = Promise.resolve(handler.call(this, request, reply))
    const ms = route.config?.handlerMs ?? HANDLER_MS
    const result = await withDeadline(work, { clock, ms, error: unanswered })
    reply.code(Number(status))
    return result
  }
}
