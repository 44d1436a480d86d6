import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerToken } from '../http/bearer.js'
import { CONFIRM_MS } from '../operations/deps.js'
import { actorOfToken, type TokenActor } from '../operations/tokens.js'
import type { Role } from '../shared/actor.js'
import { withDeadline } from '../shared/deadline.js'
import { event } from '../shared/events.js'
import { type CallId, isUuid } from '../shared/ids.js'
import type { ConsoleDeps } from './deps.js'
import { makeProblem, PROBLEM_TYPE, Refusal, unanswered } from './problem.js'

/** How long the search for a token may take, ms. It usually takes a millisecond. */
const TOKEN_MS = 5_000

/** Requests beyond a limit are not journalled one by one, because whoever sends them would fill the journal. */
const TOO_MANY = 429

declare module 'fastify' {
  interface FastifyRequest {
    /** Who requests; null if nobody has proved to be anybody. */
    actor: TokenActor | null
    /** Whether the guard has let the request in. */
    admitted: boolean
  }
}

/** Count a request. They say whether it is one too many. */
export interface Limits {
  /** Of one token. */
  token(request: FastifyRequest): Promise<boolean>
  /** Of all who have no valid token. */
  strangers(request: FastifyRequest): Promise<boolean>
}

/**
 * Guards all routes with an `access`. A request without the right token or role is refused before its body is read. Each request is
 * journalled before its answer is sent; if the journal does not take it, the answer is withheld.
 */
export function guard(app: FastifyInstance, deps: ConsoleDeps, limits: Limits): void {
  const { journal, clock, log } = deps
  app.decorateRequest('actor', null)
  app.decorateRequest('admitted', false)

  // A refusal is thrown. A hook that sends it would let the handler run if the client has gone.
  app.addHook('onRequest', async request => {
    const { access } = request.routeOptions.config
    if (!access) return
    const token = bearerToken(request.headers.authorization)
    const search = token && actorOfToken(deps, token)
    request.actor =
      (search && (await withDeadline(search, { clock, ms: TOKEN_MS, error: unanswered }))) || null
    if (!request.actor) throw (await limits.strangers(request)) ? tooManyStrangers() : unknown()
    if (await limits.token(request)) throw tooMany()
    requireRole(request.actor, access.roles)
    request.admitted = true
  })

  app.addHook('preHandler', async request => {
    if (request.routeOptions.config.access && !request.admitted) throw unknown()
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const { access } = request.routeOptions.config
    if (!access || reply.statusCode === TOO_MANY) return payload
    const data = {
      ...{ by: request.actor?.name ?? null, token: request.actor?.token ?? null, way: 'token' as const },
      ...{ action: access.action, status: reply.statusCode, ...aboutCall(request) },
    }
    try {
      await journal.append([event('console.requested', null, clock.now(), data)], CONFIRM_MS)
      return payload
    } catch (error) {
      log.error(
        { action: access.action, reason: (error as Error).message },
        'a request could not be journalled',
      )
      reply.code(503).type(PROBLEM_TYPE).removeHeader('content-length')
      return JSON.stringify(makeProblem(503, UNJOURNALLED))
    }
  })
}

const UNJOURNALLED =
  'The request could not be journalled. If it changes something, that may have been done: look before you repeat it.'

const unknown = () =>
  new Refusal(401, 'Send Authorization: Bearer with a valid token. consentry token add makes one.')
const tooMany = () => new Refusal(TOO_MANY, 'Too many requests came with this token: wait a minute.')
const tooManyStrangers = () =>
  new Refusal(TOO_MANY, 'Too many requests came without a valid token: wait a minute.')

function requireRole({ roles }: TokenActor, allowed: readonly Role[]): void {
  if (!allowed.some(role => roles.includes(role)))
    throw new Refusal(403, `One of these roles is needed: ${allowed.join(', ')}.`)
}

/** The call that an admitted request is about. */
function aboutCall({ params, admitted }: FastifyRequest): { about?: CallId } {
  const { call } = params as { call?: string }
  return admitted && call && isUuid(call) ? { about: call as CallId } : {}
}
