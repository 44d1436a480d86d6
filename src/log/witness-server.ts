import fastify from 'fastify'
import { limitedServer } from '../lib/http/limited-server.js'
import { listenAt } from '../lib/http/listen-at.js'
import type { WitnessBook } from './notes/witness.js'

/** Most bytes of a request's body. A request has a proof of at most 63 lines and a note: some kilobytes. */
const BODY_BYTES = 65_536

/**
 * Starts a witness's HTTP server (C2SP tlog-witness), with submission and monitoring under one prefix.
 *
 * @param at the address to listen on; port 0 takes a free port
 * @returns the URL, and how to close the server
 * @throws AppError `config.invalid` if the system refuses the address
 */
export async function startWitnessServer(at: { host: string; port: number }, book: WitnessBook) {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES,
    serverFactory: handle => limitedServer(handle),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.post('/add-checkpoint', async (request, reply) => {
    const { status, body, type } = await book.addCheckpoint(String(request.body ?? ''), Date.now())
    return reply
      .code(status)
      .type(type ?? 'text/plain; charset=utf-8')
      .send(body)
  })
  app.get<{ Params: { origin: string } }>('/:origin/checkpoint', async (request, reply) => {
    const note = await book.latest(request.params.origin)
    if (note === undefined) return reply.code(404).send('nothing was cosigned of this log\n')
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(note)
  })
  const url = await listenAt(app, at, '--listen')
  return { url, close: () => app.close() }
}
