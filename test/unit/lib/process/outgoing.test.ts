// Real: HTTP on this machine. Fake: servers that misbehave, and names that lead to them.
import type { LookupOptions, lookup } from 'node:dns'
import { createServer, get, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import {
  guardedLookup,
  type InsideHosts,
  isInside,
  isNamedInside,
  requestOutgoing,
} from '../../../../src/lib/process/outgoing.js'

/** Starts a server that answers so. @returns its port */
async function serve(t: Test, answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const limits = { ms: 30_000, mostBytes: 1_000, inside: [] }

t.test('a request is answered whole', async t => {
  const port = await serve(t, (request, response) =>
    response.end(`${request.method} ${request.headers['accept-encoding']}`),
  )
  const sent = { method: 'POST', body: 'x', ...limits } as const
  const { status, body } = await requestOutgoing(`http://127.0.0.1:${port}/`, sent)
  t.equal(`${status} ${body}`, '200 POST identity')
})

t.test('an endless answer is read up to its limit, and its connection is closed', async t => {
  let [written, closed] = [0, () => {}]
  const ended = new Promise<void>(resolve => {
    closed = resolve
  })
  const port = await serve(t, (_, response) => {
    const block = Buffer.alloc(65_536)
    const write = (): void => {
      while (!response.destroyed && response.write(block)) written += block.length
    }
    response.on('drain', write).on('close', () => closed())
    write()
  })
  await t.rejects(requestOutgoing(`http://127.0.0.1:${port}/`, limits), { message: /answer is too long/ })
  await ended
  t.ok(written < 16_777_216, `${written} bytes`)
})

t.test('an answer that never ends, or never begins, is given up', async t => {
  const slow = await serve(t, (_, response) => void response.write('x'))
  const silent = await serve(t, () => {})
  for (const port of [slow, silent])
    await t.rejects(requestOutgoing(`http://127.0.0.1:${port}/`, { ...limits, ms: 50 }), {
      message: 'the server did not answer within 0.05 s',
    })
})

t.test('a redirection is not followed', async t => {
  let asked = 0
  const port = await serve(t, (_, response) => {
    asked += 1
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  await t.rejects(requestOutgoing(`http://127.0.0.1:${port}/`, limits), {
    message: /elsewhere \(status 307\)/,
  })
  t.equal(asked, 1)
})

/** A system that knows one name, which leads to this machine. */
const find = ((_name: string, { all }: LookupOptions, done: (...found: unknown[]) => void) =>
  all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)) as typeof lookup

t.test('a name that leads inside is refused before a byte is sent, unless it is named', async t => {
  let asked = 0
  const port = await serve(t, (_, response) => {
    asked += 1
    response.end('in')
  })
  const host = `witness.example:${port}`
  const ask = (inside: InsideHosts) =>
    new Promise<string>(resolve => {
      const sent = get(`http://${host}/`, { agent: false, lookup: guardedLookup(inside, find) }, answer => {
        answer.resume()
        resolve(`${answer.statusCode}`)
      })
      sent.on('error', ({ message }) => resolve(message))
    })
  t.match(await ask([]), /^witness.example leads into this network: .*CONSENTRY_INSIDE_HOSTS/)
  const socket = new WebSocket(`ws://${host}/`, { lookup: guardedLookup(['another.example'], find) })
  const refused = await new Promise<Error>(resolve => socket.once('error', resolve))
  t.match(refused.message, /CONSENTRY_INSIDE_HOSTS/)
  t.equal(asked, 0)
  t.equal(await ask(['witness.example']), '200')
  t.equal(await ask('any'), '200')
})

t.test('addresses inside are known in every form', async t => {
  for (const address of [
    ...['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['::1', '::', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '::ffff:7f00:1'],
  ])
    t.ok(isInside(address), address)
  for (const address of ['8.8.8.8', '172.32.0.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'])
    t.notOk(isInside(address), address)
  for (const host of ['localhost', 'vosk-ru', '10.0.0.7', '[::1]']) t.ok(isNamedInside(host, []), host)
  t.notOk(isNamedInside('witness.example', []))
  t.ok(isNamedInside('Witness.example', ['witness.example']))
})
