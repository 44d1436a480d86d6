// This room is the HTTP side: the service's server with health, metrics, log and API, and the witness's server.

import fastify, { type FastifyReply } from 'fastify'
import type { Secret } from '../../core/secret.js'
import { limitedServer } from '../../lib/http/limited-server.js'
import { listenAt } from '../../lib/http/listen-at.js'
import type { LogFiles } from '../../log/log-files.js'
import { type CallControl, callRoutes } from './call-routes.js'
import { logRoutes } from './log-routes.js'

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
