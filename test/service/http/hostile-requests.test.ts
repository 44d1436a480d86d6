// Real: the HTTP server on a socket, the files that it publishes. Fake: the calls behind the API.
// Long: five times as many requests.
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { Secret } from '../../../src/core/secret.js'
import { LogFiles } from '../../../src/log/log-files.js'
import { startServer } from '../../../src/main/http/server.js'
import { hostileText } from '../../support/fuzz/hostile-values.js'
import { mutate, mutations } from '../../support/fuzz/mutations.js'
import { fuzzRuns, seed } from '../../support/fuzz/seeded.js'
import { scratch } from '../../support/processes/database.js'
import { whenClosed } from '../../support/processes/when-closed.js'

const TOKEN = 'a-token-of-some-length'
/** After this time the server disconnects a client whose headers are not complete, ms: docs/operate.md. */
const HEADERS_MS = 5_000
const SECRET = 'what nobody may read'
const dir = await scratch(t)
await mkdir(join(dir, 'log', 'tile', '0'), { recursive: true })
await writeFile(join(dir, 'log', 'checkpoint'), 'a checkpoint\n')
await writeFile(join(dir, 'log', 'tile', '0', '000'), Buffer.alloc(32, 1))
for (const name of ['log.key', 'log/checkpoints.txt', 'log/tile/secret'])
  await writeFile(join(dir, name), SECRET)
const switched: string[] = []
const server = await startServer(
  { host: '127.0.0.1', port: 0 },
  {
    parts: () => ({ pbx: true }),
    figures: () => ({}),
    metrics: { contentType: 'text/plain', text: async () => '' },
    log: new LogFiles(join(dir, 'log')),
    api: {
      token: new Secret(TOKEN),
      calls: {
        async switchPause(id) {
          switched.push(id)
          return 'unknown'
        },
        ask: () => 'unknown',
      },
    },
  },
)
t.teardown(() => server.close())
const { port } = new URL(server.url)

/** Sends bytes unchanged. @returns all bytes until the connection closes */
async function send(bytes: Buffer): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1')
  const pieces: Buffer[] = []
  socket.on('data', piece => pieces.push(piece))
  socket.on('error', () => {})
  socket.end(bytes)
  await whenClosed(socket)
  return Buffer.concat(pieces).toString('latin1')
}

const paths = fc.oneof(
  fc.constantFrom(
    '/log/checkpoint',
    '/log/tile/0/000',
    '/log/tile/../../log.key',
    '/log/tile/%2e%2e/%2e%2e/log.key',
    '/log/tile/..%2f..%2flog.key',
    '/log/tile/secret',
    '/log/tile/0/000%00',
    '/log/tile//etc/passwd',
    '/log/checkpoints.txt',
    '/log/../log.key',
    '/api/calls/x/pause',
    '/api/calls/%00/resume',
    `/api/calls/${'9'.repeat(3_000)}/pause`,
    '/api/calls/__proto__/pause',
    '/healthz?a[b][c]=d',
    '//',
    '*',
  ),
  hostileText.map(text => `/log/tile/${encodeURIComponent(text.replace(/\p{Cs}/gu, ''))}`),
)
const headers = fc.array(
  fc.constantFrom(
    'authorization: Bearer x',
    `authorization: Bearer ${TOKEN}x`,
    `authorization: bearer${TOKEN}`,
    `authorization: Basic ${TOKEN}`,
    `authorization: Bearer ${'a'.repeat(4_000)}`,
    'range: bytes=0-18446744073709551616',
    'range: bytes=-1,-1,-1',
    'content-length: 99999999999',
    'content-length: -1',
    'transfer-encoding: chunked',
    'content-type: application/json',
    'content-type: multipart/form-data; boundary=\0',
    'expect: 100-continue',
    'upgrade: websocket',
    `x-long: ${'x'.repeat(20_000)}`,
  ),
  { maxLength: 4 },
)
const bodies = fc.oneof(
  fc.constantFrom('', '{"a":', '['.repeat(50_000), 'x'.repeat(1_200_000), '{"__proto__":{"a":1}}'),
  hostileText,
)
const requests = fc
  .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'get', 'PROPFIND'), paths, headers, bodies)
  .map(([method, path, lines, body]) =>
    Buffer.from(
      [`${method} ${path} HTTP/1.1`, 'host: x', 'connection: close', ...lines, '', body].join('\r\n'),
    ),
  )
const odd = fc.oneof(
  requests,
  fc.tuple(requests, mutations).map(([bytes, changes]) => mutate(bytes, changes)),
)

t.test(
  `no hostile request reveals a secret, breaks the server or switches a call (seed ${seed})`,
  async t => {
    const asked = fc.sample(odd, fuzzRuns(400, 2_000))
    const answers: string[] = []
    for (let at = 0; at < asked.length; at += 20)
      answers.push(...(await Promise.all(asked.slice(at, at + 20).map(send))))
    t.strictSame(
      answers.filter(answer => answer.includes(SECRET)),
      [],
      'no secret',
    )
    t.strictSame(
      answers.filter(answer => /^HTTP\/1.1 5/.test(answer)).map(answer => answer.slice(0, 300)),
      [],
      'no failure',
    )
    t.ok(answers.filter(answer => answer.startsWith('HTTP/1.1 4')).length > 100)
    t.strictSame(switched, [], 'nobody without the token switches a call')
    for (const path of ['/healthz', '/log/checkpoint', '/log/tile/0/000.p/1'])
      t.equal((await fetch(`${server.url}${path}`)).status, 200, path)
  },
)

t.test('a request with the token for an impossible call gets 404', async t => {
  const authorization = `Bearer ${TOKEN}`
  for (const id of ['x', '%00', '..', '__proto__', '9'.repeat(90)]) {
    const { status } = await fetch(`${server.url}/api/calls/${id}/pause`, {
      method: 'POST',
      headers: { authorization },
    })
    t.equal(status, 404, id)
  }
})

t.test('a client with half a request does not prevent the end of the service', async t => {
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write('GET /healthz HTT')
  const gone = new Promise(resolve => socket.once('close', resolve))
  socket.resume()
  const before = performance.now()
  await server.close()
  await gone
  const took = Math.round(performance.now() - before)
  t.ok(took < HEADERS_MS - 1_000, `the server ends before the client's headers are late: ${took} ms`)
})
