import fastify from 'fastify'
import type { LogFiles } from '../journal/log/log-files.js'
import { logRoutes } from './log-routes.js'

/** What the service says of itself, asked anew at each request. */
export interface Health {
  /** Each part that must work for calls to be taken and recorded. */
  parts(): Record<string, boolean>
  figures(): Record<string, number>
  /** The log over the journal, for everybody to check. */
  log: LogFiles
}

/**
 * The HTTP side of the service: `GET /healthz` answers while the process lives; `GET /readyz` answers 200 when calls
 * can be taken and recorded, else 503, and names each part. Below `/log` the log over the journal is published.
 *
 * @param at where to listen; port 0 takes a free one
 * @returns the address that was taken, and how to close it
 */
export async function startServer(at: { host: string; port: number }, health: Health) {
  const app = fastify({ logger: false })
  app.get('/healthz', async () => ({ ok: true, ...health.figures() }))
  app.get('/readyz', async (_request, reply) => {
    const parts = health.parts()
    const ready = Object.values(parts).every(Boolean)
    return reply.code(ready ? 200 : 503).send({ ready, parts })
  })
  await app.register(logRoutes, { prefix: '/log', files: health.log })
  const url = await app.listen({ ...at })
  return { url, close: () => app.close() }
}
