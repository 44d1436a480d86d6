import type { FastifyPluginAsync } from 'fastify'
import type { LogFiles } from '../../log/log-files.js'
import { parseTilePath } from '../../log/tree/tile.js'

/** Cache control of tiles, which never change; `max-age` in s. */
const CACHE_FOREVER = 'public, max-age=31536000, immutable'

/**
 * Publishes the transparency log (C2SP tlog-tiles): `checkpoint`, `tile/<level>/<n>`, `tile/entries/<n>`; and `rotations.txt`, the
 * statements by which its key was rotated. The log has no personal
 * data. No credentials are needed, so that everyone can check it.
 */
export const logRoutes: FastifyPluginAsync<{ files: LogFiles }> = async (app, { files }) => {
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
