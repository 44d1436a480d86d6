import fastify from 'fastify'
import type { Secret } from '../shared/secret.js'
import type { LogFiles } from '../tlog/log-files.js'
import { type CallControl, pauseRoutes } from './api/pause-routes.js'
import { limitedServer, listenAt } from './limits.js'
import { logRoutes } from './log-routes.js'

/** Most bytes of a request's body. No request needs one. */
const BODY_BYTES = 4_096

/** What the HTTP side works on. */
export interface ServerParts extends Health {
  /** How programs give orders to calls; not given: nobody does, and there is no such route. */
  api?: { calls: CallControl; token: Secret } | undefined
}

/** What the service says of itself, asked anew at each request. */
export interface Health {
  /** Each part of the service that must work for a call to be taken and recorded. */
  parts(): Record<string, boolean>
  figures(): Record<string, number>
  /** What operators' tools draw and alarm on, in Prometheus' text format. */
  metrics: { readonly contentType: string; text(): Promise<string> }
  /** The log over the journal, for everybody to check. */
  log: LogFiles
}

/**
 * The HTTP side of the service: `GET /healthz` answers while the process lives; `GET /readyz` answers 200 when
 * every part works, else 503, and names each; `GET /metrics` tells figures. Below `/log` the log over the journal is published;
 * below `/api` programs that have the token pause recordings.
 *
 * @param at where to listen; port 0 takes a free one
 * @returns the address that was taken, and how to close it
 */
export async function startServer(at: { host: string; port: number }, parts: ServerParts) {
  // Whoever has sent half a request does not keep the service from ending.
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES,
    serverFactory: limitedServer,
  })
  app.get('/healthz', async () => ({ ok: true, ...parts.figures() }))
  app.get('/readyz', async (_request, reply) => {
    const state = parts.parts()
    const ready = Object.values(state).every(Boolean)
    return reply.code(ready ? 200 : 503).send({ ready, parts: state })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(parts.metrics.contentType).send(await parts.metrics.text()),
  )
  await app.register(logRoutes, { prefix: '/log', files: parts.log })
  if (parts.api) await app.register(pauseRoutes, { prefix: '/api', ...parts.api })
  const url = await app.listen(listenAt(at))
  return { url, close: () => app.close() }
}
