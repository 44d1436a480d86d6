// Real: a server with a socket, and its clients. Fake: the pace, which is quicker than in the service.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t, { type Test } from 'tap'
import { UploadRoutes } from '../../../../src/console/app.js'
import { type BodyPace, limitBodies } from '../../../../src/lib/http/limited-server.js'
import { whenClosed } from '../../../support/processes/when-closed.js'

const PIECE = Buffer.alloc(4_000)
/** A body may take 0.5 s. An upload must bring half a piece in that time, and may take 6 s. */
const PACE: BodyPace = { bodyMs: 500, uploadMs: 6_000, leastBytes: 2_000, checkMs: 50 }

/** A server that takes uploads at /upload, refuses them at /upload/refused, and answers with the bytes it got. */
async function serve(t: Test, pace = PACE): Promise<number> {
  const server = createServer(async (request, response) => {
    if (request.url === '/upload/refused') return void response.writeHead(403).end('no')
    let bytes = 0
    try {
      for await (const piece of request) bytes += (piece as Buffer).length
      response.end(`${bytes} bytes`)
    } catch {
      // The client was disconnected.
    }
  })
  limitBodies(server, ({ url }) => url!.startsWith('/upload'), pace)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** Sends pieces, one each 100 ms, until there are no more or the server disconnects. @returns what was answered, and pieces sent */
async function send(t: Test, port: number, path: string, pieces: Buffer[]) {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let text = ''
  let sent = 0
  socket.on('data', piece => {
    text += piece
  })
  socket.on('error', () => {})
  const closed = whenClosed(socket)
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`)
  const timer = setInterval(() => {
    const piece = pieces[sent]
    if (piece && socket.writable) {
      socket.write(piece)
      sent += 1
    }
  }, 100)
  await closed
  clearInterval(timer)
  return { text, sent }
}

const steady = (count: number) => Array.from({ length: count }, () => PIECE)
const nothing = Array.from({ length: 1_000 }, () => Buffer.alloc(0))
const drips = Array.from({ length: 1_000 }, () => Buffer.alloc(1))

t.test('an upload may take long as long as it goes on', async t => {
  const { text } = await send(t, await serve(t), '/upload', steady(15))
  t.match(text, /60000 bytes/)
})

t.test('any other body must arrive at once', async t => {
  const { text, sent } = await send(t, await serve(t), '/line', steady(1_000))
  t.notMatch(text, /bytes/)
  t.ok(sent < 1_000)
})

t.test('an upload that drips, stands still, never ends or was refused is disconnected', async t => {
  const port = await serve(t)
  for (const [what, path, pieces] of [
    ['drips', '/upload', drips],
    ['stands still', '/upload', [PIECE, ...nothing, PIECE]],
    ['was refused', '/upload/refused', steady(1_000)],
  ] as const)
    t.test(what, async t => {
      const { text, sent } = await send(t, port, path, [...pieces])
      t.notMatch(text, /bytes/)
      t.ok(sent < 1_000)
    })
  t.test('never ends', async t => {
    const { text } = await send(t, await serve(t, { ...PACE, uploadMs: 1_000 }), '/upload', steady(1_000))
    t.notMatch(text, /bytes/)
  })
})

t.test('uploads are the routes with long bodies, at any of their addresses', async t => {
  const routes = new UploadRoutes(1_000)
  routes.note({ method: 'POST', url: '/prompts/:name/:language/upload', bodyLimit: 10_000 })
  routes.note({ method: 'POST', url: '/lines', bodyLimit: 1_000 })
  routes.note({ method: 'POST', url: '/drafts' })
  t.ok(routes.has({ method: 'POST', url: '/prompts/hello/ru/upload' }))
  t.ok(routes.has({ method: 'POST', url: '/prompts/hello/ru/upload?of=2' }))
  for (const [method, url] of [
    ['GET', '/prompts/hello/ru/upload'],
    ['POST', '/prompts/hello/ru/upload/more'],
    ['POST', '/prompts/a/b/c/upload'],
    ['POST', '/lines'],
    ['POST', '/drafts'],
  ] as const)
    t.notOk(routes.has({ method, url }), `${method} ${url}`)
})
