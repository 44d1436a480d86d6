// This room is the HTTP side: the service's server with health, metrics, log and API, and the witness's server.

import { createHash, timingSafeEqual } from 'node:crypto'
import fastify, { type FastifyPluginAsync, type FastifyReply } from 'fastify'
import type { Secret } from '../../core/secret.js'
import { bearerToken, limitedServer } from '../../lib/http/limited-server.js'
import { listenAt } from '../../lib/http/listen-at.js'
import type { LogFiles } from '../../log/log-files.js'
import { parseTilePath } from '../../log/tree/tile.js'

/** Most bytes of a request's body. No request needs a body. */
const BODY_BYTES = 4_096

/** Headers that keep browsers from rendering an answer as a page, whatever it quotes. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
}

/** The parts that the HTTP server shows and controls. */
export interface ServerDeps extends ServiceState {
  /** Lets programs pause recordings and have callers asked. Without it, these routes do not exist. */
  api?: { calls: CallControl; token: Secret } | undefined
}

/** The state of the service, read at each request. */
export interface ServiceState {
  /** True for each working part of the service that calls and recordings need. */
  parts(): Record<string, boolean>
  /** Numbers for `/healthz`. */
  figures(): Record<string, number>
  /** Metrics in Prometheus' text format. */
  metrics: { readonly contentType: string; text(): Promise<string> }
  /** The transparency log. */
  log: LogFiles
}

/**
 * Starts the HTTP server of the service. `GET /healthz` answers while the process lives. `GET /readyz` answers 200 if all parts
 * work, else 503, and names each part. `GET /metrics` gives metrics. `/log` publishes the transparency log. Under `/api`, programs
 * with the token pause recordings and have people asked.
 *
 * @param at the address to listen on; port 0 takes a free port
 * @returns the URL, and how to close the server
 */
export async function startServer(at: { host: string; port: number }, deps: ServerDeps) {
  // `forceCloseConnections`: clients with unfinished requests do not delay the end of the service.
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES,
    serverFactory: handle => limitedServer(handle),
    // No hook runs for an address that cannot be decoded.
    frameworkErrors: (_error, _request, reply: FastifyReply) =>
      void reply.code(400).headers(HEADERS).send({ error: 'the address is malformed' }),
  })
  app.addHook('onSend', async (_request, reply) => void reply.headers(HEADERS))
  app.get('/healthz', async () => ({ ok: true, ...deps.figures() }))
  app.get('/readyz', async (_request, reply) => {
    const state = deps.parts()
    const ready = Object.values(state).every(Boolean)
    return reply.code(ready ? 200 : 503).send({ ready, parts: state })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.text()),
  )
  await app.register(logRoutes, { prefix: '/log', files: deps.log })
  if (deps.api) await app.register(callRoutes, { prefix: '/api', ...deps.api })
  const url = await listenAt(app, at, 'CONSENTRY_HTTP')
  return { url, close: () => app.close() }
}

/** Cache control of tiles, which never change; `max-age` in s. */
const CACHE_FOREVER = 'public, max-age=31536000, immutable'

/**
 * Publishes the transparency log (C2SP tlog-tiles): `checkpoint`, `tile/<level>/<n>`, `tile/entries/<n>`; and `rotations.txt`, the
 * statements by which its key was rotated. The log has no personal
 * data. No credentials are needed, so that everyone can check it.
 */
const logRoutes: FastifyPluginAsync<{ files: LogFiles }> = async (app, { files }) => {
  app.get('/checkpoint', async (_request, reply) => {
    const note = await files.checkpoint()
    if (note === undefined) return reply.code(404).send({ error: 'nothing is logged yet' })
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(note)
  })
  app.get('/rotations.txt', async (_request, reply) => {
    const statements = await files.rotations()
    if (statements === undefined) return reply.code(404).send({ error: 'the key was never rotated' })
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(statements)
  })
  app.get<{ Params: { '*': string } }>('/tile/*', async (request, reply) => {
    const name = parseTilePath(`tile/${request.params['*']}`)
    const content = name && (await files.read(name))
    if (!content) return reply.code(404).send({ error: 'there is no such tile' })
    return reply.type('application/octet-stream').header('cache-control', CACHE_FOREVER).send(content)
  })
}

/** Requests of programs about a call. */
interface CallControl {
  /**
   * @param id the call's id, `CONSENTRY_CALL`
   * @returns `unknown` if there is no such call, `unrecorded` if nothing of it is being recorded
   */
  switchPause(id: string, to: 'pause' | 'resume'): Promise<'done' | 'unknown' | 'unrecorded'>
  /**
   * Has the caller of a call asked in the middle of the conversation.
   *
   * @param id the call's id, `CONSENTRY_CALL`
   */
  ask(
    id: string,
  ): 'asked' | 'unknown' | 'not-talking' | 'asking' | 'paused' | 'nothing-to-ask' | 'from-inside' | 'shed'
}

const REFUSALS = {
  unknown: { code: 404, error: 'no such call is under way' },
  unrecorded: { code: 409, error: 'nothing of this call is being recorded' },
  'not-talking': { code: 409, error: 'the person of this call is in no conversation now' },
  asking: { code: 409, error: 'the person of this call is being asked' },
  paused: { code: 409, error: 'the recordings of this call are paused' },
  'nothing-to-ask': { code: 409, error: 'there is nothing to ask: the line asks for nothing else' },
  'from-inside': { code: 409, error: 'this call came from a phone of the company, which is never asked' },
  shed: { code: 409, error: 'no caller is asked now, because calls are shed' },
} as const

/**
 * `POST /calls/:id/pause`, `/calls/:id/resume` and `/calls/:id/ask`, for programs with the token. Audio in a pause is
 * not kept. The answer to `ask` does not wait for the caller's answer.
 */
const callRoutes: FastifyPluginAsync<{ calls: CallControl; token: Secret }> = async (
  app,
  { calls, token },
) => {
  app.addHook('onRequest', async (request, reply) => {
    if (hasToken(token, request.headers.authorization)) return
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'the token is not right' })
  })
  for (const to of ['pause', 'resume'] as const) {
    app.post<{ Params: { id: string } }>(`/calls/:id/${to}`, async ({ params: { id } }, reply) => {
      const outcome = await calls.switchPause(id, to)
      if (outcome === 'done') return { call: id, paused: to === 'pause' }
      const { code, error } = REFUSALS[outcome]
      return reply.code(code).send({ error })
    })
  }
  app.post<{ Params: { id: string } }>('/calls/:id/ask', async ({ params: { id } }, reply) => {
    const outcome = calls.ask(id)
    if (outcome === 'asked') return { call: id, asked: true }
    const { code, error } = REFUSALS[outcome]
    return reply.code(code).send({ error })
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether an Authorization header has the token. The comparison takes the same time for all wrong tokens. */
function hasToken(token: Secret, header: string | undefined): boolean {
  const given = bearerToken(header)
  return given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()))
}

/** The parts of the service whose numbers `/healthz` shows. */
interface CountedParts {
  calls: { readonly size: number; readonly around: { readonly remembered: number } }
  telephony: { readonly counters: Readonly<Record<string, number>>; readonly remembered: number }
  journalLog: { readonly state: { readonly size: number } }
  journal: {
    readonly waiting: number
    readonly spooled: number
    readonly counts: { readonly dropped: number }
  }
}

/** The numbers of `/healthz`. */
export const figuresOf = ({ calls, telephony, journalLog, journal }: CountedParts) => ({
  calls: calls.size,
  remembered: calls.around.remembered + telephony.remembered,
  ...telephony.counters,
  logged: journalLog.state.size,
  waiting: journal.waiting,
  spooled: journal.spooled,
  dropped: journal.counts.dropped,
})
