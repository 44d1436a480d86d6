import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CONFIRM_MS } from '../operations/deps.js'
import { actorOfToken, type TokenActor } from '../operations/tokens.js'
import type { Role } from '../shared/actor.js'
import { event } from '../shared/events.js'
import { type CallId, isUuid } from '../shared/ids.js'
import { requireAccess } from './access.js'
import type { ConsoleDeps } from './deps.js'
import { makeProblem, PROBLEM_TYPE, Refusal } from './problem.js'

/** A token in an Authorization header (RFC 6750 section 2.1). */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/** Requests beyond a limit are not journalled one by one, because whoever sends them would fill the journal. */
const TOO_MANY = 429
/** Most requests without a valid token, of all clients, that are journalled in a minute. Further ones are refused as too many. */
const STRANGERS = 60
const MINUTE_MS = 60_000

declare module 'fastify' {
  interface FastifyRequest {
    /** Who requests; null if nobody has proved to be anybody. */
    actor: TokenActor | null
    /** Whether the guard has let the request in. */
    admitted: boolean
  }
}

/**
 * Guards all routes that are registered later. A route that does not say who may use it is refused at the start. A request without
 * the right token or role is refused before its body is read. Each request is journalled before its answer is sent; if the journal
 * does not take it, the answer is withheld.
 */
export function guard(app: FastifyInstance, deps: ConsoleDeps): void {
  const { journal, clock, log } = deps
  const strangers = new Strangers(clock)
  app.decorateRequest('actor', null)
  app.decorateRequest('admitted', false)
  app.addHook('onRoute', requireAccess)

  // A refusal is thrown. A hook that sends it would let the handler run if the client has gone.
  app.addHook('onRequest', async request => {
    const { access } = request.routeOptions.config
    if (!access) return
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1]
    request.actor = (token && (await actorOfToken(deps, token))) || null
    if (!request.actor) throw strangers.refusal()
    requireRole(request.actor, access.roles)
    request.admitted = true
  })

  app.addHook('preHandler', async request => {
    if (request.routeOptions.config.access && !request.admitted) throw strangers.refusal()
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

function requireRole({ roles }: TokenActor, allowed: readonly Role[]): void {
  if (!allowed.some(role => roles.includes(role)))
    throw new Refusal(403, `One of these roles is needed: ${allowed.join(', ')}.`)
}

/** The call that an admitted request is about. */
function aboutCall({ params, admitted }: FastifyRequest): { about?: CallId } {
  const { call } = params as { call?: string }
  return admitted && call && isUuid(call) ? { about: call as CallId } : {}
}

/** Counts requests without a valid token. */
class Strangers {
  #since = Number.NEGATIVE_INFINITY
  #count = 0

  constructor(private readonly clock: Pick<ConsoleDeps['clock'], 'elapsed'>) {}

  refusal(): Refusal {
    const now = this.clock.elapsed()
    if (now - this.#since >= MINUTE_MS) {
      this.#since = now
      this.#count = 0
    }
    this.#count += 1
    return this.#count > STRANGERS
      ? new Refusal(TOO_MANY, 'Too many requests came without a valid token: wait a minute.')
      : new Refusal(401, 'Send Authorization: Bearer with a valid token. consentry token add makes one.')
  }
}
