import type { FastifyPluginAsync } from 'fastify'
import type { LogFiles } from '../tlog/log-files.js'
import { parseTilePath } from '../tlog/tree/tile.js'

/** A tile never changes once it is there, s. */
const CACHE_FOREVER = 'public, max-age=31536000, immutable'

/**
 * Publishes the log (C2SP tlog-tiles): `checkpoint`, `tile/<level>/<n>`, `tile/entries/<n>`. It holds no personal data and
 * asks for no credentials: whoever is to check it must be able to read it.
 */
export const logRoutes: FastifyPluginAsync<{ files: LogFiles }> = async (app, { files }) => {
  app.get('/checkpoint', async (_request, reply) => {
    const note = await files.checkpoint()
    if (note === undefined) return reply.code(404).send({ error: 'nothing is logged yet' })
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(note)
  })
  app.get<{ Params: { '*': string } }>('/tile/*', async (request, reply) => {
    const name = parseTilePath(`tile/${request.params['*']}`)
    const content = name && (await files.read(name))
    if (!content) return reply.code(404).send({ error: 'there is no such tile' })
    return reply.type('application/octet-stream').header('cache-control', CACHE_FOREVER).send(content)
  })
}
