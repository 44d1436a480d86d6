import fastify from 'fastify'
import type { Secret } from '../shared/secret.js'
import type { LogFiles } from '../tlog/log-files.js'
import { limitedServer, listenAddress } from './limited-server.js'
import { logRoutes } from './log-routes.js'
import { type CallControl, pauseRoutes } from './pause-routes.js'

/** Most bytes of a request's body. No request needs one. */
const BODY_BYTES = 4_096

/** What the HTTP side works on. */
export interface ServerDeps extends ServiceState {
  /** How programs give orders to calls; not given: nobody does, and there is no such route. */
  api?: { calls: CallControl; token: Secret } | undefined
}

/** What the service says of itself, asked anew at each request. */
export interface ServiceState {
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
export async function startServer(at: { host: string; port: number }, deps: ServerDeps) {
  // Whoever has sent half a request does not keep the service from ending.
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES,
    serverFactory: limitedServer,
  })
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
  if (deps.api) await app.register(pauseRoutes, { prefix: '/api', ...deps.api })
  const url = await app.listen(listenAddress(at))
  return { url, close: () => app.close() }
}
