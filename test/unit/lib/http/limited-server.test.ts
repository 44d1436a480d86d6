// Real: the server, TCP on loopback, clients that send slowly or too much. Fake: what it serves.
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { limitedServer } from '../../../../src/lib/http/limited-server.js'

/** Longer than the server waits for a request. */
const LIMIT_MS = 60_000

/** The number of headers of each request that was handled. */
const handled: number[] = []
const server = limitedServer((request, response) => {
  handled.push(request.rawHeaders.length / 2)
  request.resume().on('end', () => response.end('served'))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
t.teardown(() => server.close())
const { port } = server.address() as AddressInfo

/** Connects and sends the beginning of a request. @returns the socket, and all that the server sends until it closes */
async function begin(t: Test, words: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  let text = ''
  socket.on('data', piece => {
    text += piece
  })
  socket.on('error', () => {})
  const answer = once(socket, 'close', { signal: AbortSignal.timeout(LIMIT_MS) }).then(() => text)
  socket.write(words)
  return { socket, answer }
}

/** Sends one byte each half second, so that the connection is never silent. */
function drip(t: Test, socket: Socket): void {
  const timer = setInterval(() => socket.write('x'), 500)
  t.teardown(() => clearInterval(timer))
  socket.once('close', () => clearInterval(timer))
}

t.test('slow clients are disconnected, although they are never silent', async t => {
  const headers = await begin(t, 'GET / HTTP/1.1\r\nhost: x\r\nslow: ')
  const body = await begin(t, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n')
  for (const { socket } of [headers, body]) drip(t, socket)
  t.match(await headers.answer, /^HTTP\/1\.1 408 /, 'headers that do not end')
  t.notMatch(await body.answer, /served/, 'a body that does not end')
})

t.test('headers that are too long are refused', async t => {
  const before = handled.length
  const { answer } = await begin(t, `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(9_000)}\r\n\r\n`)
  t.match(await answer, /^HTTP\/1\.1 431 /)
  t.equal(handled.length, before, 'nothing is handled')
})

t.test('of very many headers the last ones are ignored', async t => {
  const many = Array.from({ length: 150 }, (_, i) => `a${i}: b\r\n`).join('')
  const { answer } = await begin(t, `GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${many}\r\n`)
  t.match(await answer, /served/)
  t.ok(handled.at(-1)! < 150, `${handled.at(-1)} of 152 headers`)
})
