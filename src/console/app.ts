import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import fastify, { type FastifyError, type FastifyReply } from 'fastify'
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
import type { App, ConsoleDeps } from './deps.js'
import { guard } from './guard.js'
import { makeProblem, PROBLEM_TYPE, problemOf, Refusal } from './problem.js'
import { addCallRoutes } from './routes/calls.js'
import { addLineRoutes } from './routes/lines.js'
import { addSelfRoutes } from './routes/self.js'
import { addTokenRoutes } from './routes/tokens.js'

/** Most bytes of a request's body: a line with eight purposes in long words has some 20 KB. */
const BODY_BYTES = 65_536
/** Most requests with one token in a minute, and of one address to no route. */
const PER_MINUTE = 600
/** How long an answer may take, ms. Longer means that the database hangs. */
const HANDLER_MS = 10_000

const routes = [addSelfRoutes, addLineRoutes, addCallRoutes, addTokenRoutes]

/** Makes the console's server, without listening. */
export async function consoleApp(deps: ConsoleDeps): Promise<App> {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES,
    handlerTimeout: HANDLER_MS,
    exposeHeadRoutes: false,
    serverFactory: limitedServer,
    frameworkErrors(error, _request, reply: FastifyReply) {
      void reply.code(400).type(PROBLEM_TYPE).send(makeProblem(400, error.code))
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
  guard(app, deps)
  // After the guard, so that programs behind one proxy do not use up each other's requests.
  await app.register(rateLimit, {
    hook: 'preHandler',
    max: PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: request => request.actor?.token ?? request.ip,
    errorResponseBuilder: () => new Refusal(429, 'Too many requests came with this token: wait a minute.'),
  })
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_request, reply) =>
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
  if (statusCode === 503) return makeProblem(503, 'The database does not answer: repeat the request later.')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return makeProblem(statusCode, error.message)
  return problemOf(error)
}
