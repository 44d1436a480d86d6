import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PersonActor } from '../accounts/account-deps.js'
import { networkOf } from '../accounts/attempts.js'
import { CONFIRM_MS } from '../accounts/deps.js'
import { actorOfSession } from '../accounts/sessions.js'
import { actorOfToken, type TokenActor } from '../accounts/tokens.js'
import type { Clock } from '../core/clock.js'
import { event } from '../core/events.js'
import { type CallId, isUuid } from '../core/ids.js'
import { text } from '../core/message.js'
import type { Secret } from '../core/secret.js'
import { withDeadline } from '../lib/deadline.js'
import { bearerToken } from '../lib/http/limited-server.js'
import type { Access } from './access.js'
import type { Answer } from './answer.js'
import { isUnsafe, pageOf, sessionCookie, setSessionCookie } from './browser.js'
import type { ConsoleDeps } from './deps.js'
import { Refusal, unanswered } from './problem.js'

/** Longest search for a token or session, ms. It usually takes a millisecond. */
const SEARCH_MS = 5_000

/** Arrival time of a body after which the requester is searched again, ms. It usually takes some milliseconds. */
const ARRIVAL_MS = 1_000

/** Requests beyond a limit are not journalled one by one, because their sender could fill the journal. */
const TOO_MANY = 429

/** The requester: a program by its token, or a person by the session. */
export type Requester = TokenActor | PersonActor

declare module 'fastify' {
  interface FastifyRequest {
    /** The requester; null if the request is not authenticated. */
    actor: Requester | null
    /** True if the guard has admitted the request. */
    admitted: boolean
    /** Time of the admission, ms of the monotonic clock. */
    admittedAt: number
    /**
     * The session that the answer gives to the browser. Null: the browser's session has ended. Undefined: nothing
     * changes.
     */
    sessionGiven: Secret | null | undefined
    /** True if unauthenticated requests exceed their limit. Such a request is not journalled. */
    crowded: boolean
  }
}

/** Counters of requests. Each returns true if the request exceeds its limit. */
export interface Limits {
  /** Per token or session. */
  known(request: FastifyRequest): Promise<boolean>
  /** All unauthenticated requests together. */
  strangers(request: FastifyRequest): Promise<boolean>
  /** Per address, to routes for anyone. */
  anyone(request: FastifyRequest): Promise<boolean>
  /** All unauthenticated requests to routes for anyone that had no lasting effect. */
  visits(request: FastifyRequest): Promise<boolean>
  /** Refusals because of a limit, per requester or network and action. */
  refusals(request: FastifyRequest): Promise<boolean>
}

/** The requesting person. For routes that admit people only. */
export const personOf = ({ actor }: FastifyRequest): PersonActor => {
  if (actor && 'session' in actor) return actor
  throw unknown()
}

/**
 * Guards all routes with an `access`. A request without a valid token, session or role is refused before its body is
 * read. So is a request that a foreign page sends with a person's cookie. Token, session and role are checked again
 * after a body that arrives slowly. Each request is journalled before its answer is sent; if that fails, the answer is
 * withheld. Visits of people who have not signed in are journalled up to a limit.
 *
 * @param answerUnjournalled makes the answer in place of one that is withheld
 * @returns finds the requester of an address without a route, so that the answer has their menu; null if that fails
 */
export function guard(
  app: FastifyInstance,
  deps: ConsoleDeps,
  limits: Limits,
  answerUnjournalled: (request: FastifyRequest) => Answer,
): (request: FastifyRequest) => Promise<Requester | null> {
  const { journal, clock, log, config } = deps
  const searches = new SearchLimit(clock)
  app.decorateRequest('actor', null)
  app.decorateRequest('admitted', false)
  app.decorateRequest('admittedAt', 0)
  app.decorateRequest('sessionGiven', undefined)
  app.decorateRequest('crowded', false)

  const find = async (request: FastifyRequest): Promise<Requester | null> => {
    const search = searchRequester(deps, request, searches)
    return (search && (await withDeadline(search, { clock, ms: SEARCH_MS, error: unanswered }))) || null
  }

  // Refusals are thrown. After a hook that sends one, the handler would run if the client has disconnected.
  app.addHook('onRequest', async request => {
    const { access } = request.routeOptions.config
    if (!access) return
    request.actor = await find(request)
    const { actor } = request
    if (access.roles === 'anyone') {
      if (await limits.anyone(request)) throw tooManyFromAddress()
      if (isUnsafe(request) && pageOf(request, config) === 'foreign') throw foreign()
    } else {
      if (!actor) {
        request.crowded = await limits.strangers(request)
        throw request.crowded ? tooManyStrangers() : unknown()
      }
      if (await limits.known(request)) throw tooMany()
      if ('session' in actor && isUnsafe(request) && pageOf(request, config) !== 'own') throw foreign()
      requireRight(actor, access)
    }
    request.admitted = true
    request.admittedAt = clock.elapsed()
  })

  /** Journals a refusal because of a limit, once a minute per requester or network. The answer does not wait for it. */
  async function noteRefusal(request: FastifyRequest, access: Access): Promise<void> {
    if (await limits.refusals(request)) return
    const data = { ...whoseRequest(request, access), action: access.action }
    journal.note(event('console.limited', null, clock.now(), data))
  }

  app.addHook('preHandler', async request => {
    const { access } = request.routeOptions.config
    if (!access) return
    if (!request.admitted) throw unknown()
    if (access.roles === 'anyone' || clock.elapsed() - request.admittedAt < ARRIVAL_MS) return
    // An upload may take minutes. A session or token that ended meanwhile must not take effect.
    const actor = await find(request)
    if (!actor) throw unknown()
    request.actor = actor
    requireRight(actor, access)
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const { access } = request.routeOptions.config
    if (!access) return payload
    if (request.crowded || reply.statusCode === TOO_MANY) {
      await noteRefusal(request, access)
      return payload
    }
    if (isMereVisit(request, reply) && (await limits.visits(request))) return payload
    const data = {
      ...whoseRequest(request, access),
      ...{ action: access.action, status: reply.statusCode, ...aboutCall(request) },
    }
    try {
      await journal.append([event('console.requested', null, clock.now(), data)], CONFIRM_MS)
      const { sessionGiven } = request
      if (sessionGiven !== undefined && reply.statusCode < 400) {
        setSessionCookie(request, reply, config, sessionGiven)
        if (sessionGiven) searches.note(networkOf(request.ip), sessionGiven.reveal(), true)
      }
      return payload
    } catch (error) {
      log.error(
        { action: access.action, reason: (error as Error).message },
        'a request could not be journalled',
      )
      // A withheld stream is not read to its end. Destroying it frees what it holds, such as a viewer's place.
      if (payload instanceof Readable) payload.destroy()
      // The browser's session stays as it was, so the answer is made without an actor.
      if (request.sessionGiven !== undefined) request.actor = null
      const { status, headers, body } = answerUnjournalled(request)
      reply.code(status).headers(headers).removeHeader('content-length')
      return body
    }
  })

  return request =>
    find(request).catch(() => {
      request.crowded = false
      return null
    })
}

/** A token takes precedence over a cookie: a program sends it on purpose. */
function searchRequester(
  deps: ConsoleDeps,
  request: FastifyRequest,
  searches: SearchLimit,
): Promise<Requester | undefined> | undefined {
  const { authorization } = request.headers
  const secret =
    authorization === undefined ? sessionCookie(request, deps.config) : bearerToken(authorization)
  if (secret === undefined) return undefined
  const network = networkOf(request.ip)
  if (!searches.allows(network, secret)) {
    // Sign-in routes stay open, so that a person who is refused here can still sign in.
    if (request.routeOptions.config.access?.roles === 'anyone') return undefined
    request.crowded = true
    throw tooManyUnknown()
  }
  const search: Promise<Requester | undefined> =
    authorization === undefined ? actorOfSession(deps, secret) : actorOfToken(deps, secret)
  return search.then(found => {
    searches.note(network, secret, found !== undefined)
    return found
  })
}

const unknown = () =>
  new Refusal(
    401,
    'Sign in, or send Authorization: Bearer with a valid token. consentry token add makes one, consentry user add lets a person in.',
  )
const foreign = () =>
  new Refusal(
    403,
    'The request comes from another page than the console. Open the console under its own address: see CONSENTRY_CONSOLE_ORIGIN.',
  )
const tooMany = () =>
  new Refusal(TOO_MANY, 'Too many requests came with this token or session: wait a minute.')
const tooManyFromAddress = () =>
  new Refusal(TOO_MANY, 'Too many requests came from this address: wait a minute.')
const tooManyUnknown = () =>
  new Refusal(TOO_MANY, 'Too many tokens or sessions that are none came from this address: wait a minute.')
const tooManyStrangers = () =>
  new Refusal(TOO_MANY, 'Too many requests came without a valid token or session: wait a minute.')

function requireRight(actor: Requester, { roles, peopleOnly }: Access): void {
  if (peopleOnly && !('session' in actor))
    throw new Refusal(403, 'Only a person who has signed in may do this, and no token.')
  if (roles !== 'anyone' && !roles.some(role => actor.roles.includes(role)))
    throw new Refusal(403, text`One of these roles is needed: ${roles.join(', ')}.`)
}

/** True for an unauthenticated visit or refusal on a route for anyone. Sign-ins are always journalled. */
function isMereVisit(request: FastifyRequest, { statusCode }: FastifyReply): boolean {
  const { access } = request.routeOptions.config
  if (access?.roles !== 'anyone' || request.actor) return false
  return !isUnsafe(request) || statusCode >= 400 || access.visit === true
}

/** The requester in the journal. */
function whoseRequest({ actor }: FastifyRequest, { roles }: Access) {
  const way =
    actor?.way === 'console' || (!actor && roles === 'anyone') ? ('console' as const) : ('token' as const)
  const session = actor && 'session' in actor ? actor.session : null
  return { by: actor?.name ?? null, token: actor && 'token' in actor ? actor.token : null, session, way }
}

/** The call that an admitted request concerns. */
function aboutCall({ params, admitted }: FastifyRequest): { about?: CallId } {
  const { call } = params as { call?: string }
  return admitted && call && isUuid(call) ? { about: call as CallId } : {}
}

const MINUTE_MS = 60_000
/** Most failed searches for a token or session in a minute, from one network. Each search is a query. */
const UNKNOWN_PER_MINUTE = 60
/** How long a found token or session stays exempt, ms: a shift. */
const KNOWN_MS = 43_200_000
/** Most networks, and most known secrets, in memory. The oldest is dropped first. */
const MOST = 10_000

/**
 * Bounds searches for invalid tokens and sessions, so that a flood of them does not load the database. A secret found
 * before is always searched, so that such a flood does not lock out valid users of the same network. The class stores
 * hashes in memory, no secrets.
 */
export class SearchLimit {
  readonly #clock: Clock
  /** Failed searches by network. */
  readonly #failed = new Map<string, { since: number; count: number }>()
  /** Found secrets by hash, with the time of the last search. */
  readonly #found = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True if a secret from this network may be searched. */
  allows(network: string, secret: string): boolean {
    const found = this.#found.get(hashOf(secret))
    if (found !== undefined && this.#clock.now() - found < KNOWN_MS) return true
    const failed = this.#failed.get(network)
    return !failed || this.#clock.now() - failed.since >= MINUTE_MS || failed.count < UNKNOWN_PER_MINUTE
  }

  /** Stores the result of a search. */
  note(network: string, secret: string, found: boolean): void {
    const now = this.#clock.now()
    if (found) {
      keep(this.#found, hashOf(secret), now)
      return
    }
    // An ended session or a revoked token counts as invalid.
    this.#found.delete(hashOf(secret))
    const failed = this.#failed.get(network)
    if (failed && now - failed.since < MINUTE_MS) failed.count += 1
    else keep(this.#failed, network, { since: now, count: 1 })
  }
}

/** Makes an entry the youngest. */
function keep<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  map.set(name, value)
  if (map.size > MOST) map.delete(map.keys().next().value!)
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64')
