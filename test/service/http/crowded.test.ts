// Real: the service as a separate process, its HTTP server, PostgreSQL. Fake: the PBX.
// The service may open 512 files.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { endKeeper, keepersOf } from '../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { PROMPTS } from '../../support/processes/converted-prompts.js'
import { scratch, startPrepared, until } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { readServiceLog } from '../../support/processes/service-log.js'

t.setTimeout(500_000)
/** More connections than the service may open files. */
const CROWD = 600
const ORDINARY = 512
/** How long another client may wait for its response, ms. */
const SOON_MS = 5_000
/** The gate is looked at once a second: so many looks, ms. */
const COMPARE_AFTER_MS = 4_000

const dir = await scratch(t)
const server = await startPrepared(t, join(dir, 'postgres'))
const [data, tap] = [join(dir, 'data'), join(dir, 'tap')]
t.teardown(async () => {
  await endKeeper(data, await keepersOf(tap))
  await removeProtected(tap)
})
const service = readServiceLog(
  t,
  {
    DATABASE_URL: server.url,
    ARI_URL: (await FakePbx.start(t)).url,
    ARI_USERNAME: 'consentry',
    ARI_PASSWORD: 'hush',
    CONSENTRY_API_TOKEN: 'a-token-of-some-length',
    CONSENTRY_FFMPEG: ffmpeg,
    CONSENTRY_PROMPTS: PROMPTS,
    CONSENTRY_DATA: data,
    CONSENTRY_TAP_DIR: tap,
    CONSENTRY_HTTP: '127.0.0.1:0',
  },
  ['prlimit', `--nofile=${ORDINARY}:${ORDINARY}`],
)
let url = ''
for await (const line of service) {
  url = line.url ?? url
  if (line.msg === 'ready for calls') break
}
const { port } = new URL(url)

/** Connects, sends this part of a request, and waits. */
async function half(t: Test, words: string): Promise<Socket> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  t.teardown(() => socket.destroy())
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  socket.write(words)
  return socket
}

const ask = (path: string) =>
  fetch(`${url}${path}`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(SOON_MS) })
const metric = async (name: string) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await ask('/metrics')).text())?.[1])

const crowds = {
  'half of a first line': 'GET /readyz HTT',
  'headers without an end': 'GET /readyz HTTP/1.1\r\nhost: x\r\n',
  'a body that does not come': 'POST /api/calls/x/pause HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n',
}

for (const [what, words] of Object.entries(crowds))
  t.test(`hundreds who send ${what} keep nobody out, and no call`, async t => {
    const sockets = await Promise.all(Array.from({ length: CROWD }, () => half(t, words)))
    const until = performance.now() + COMPARE_AFTER_MS
    while (performance.now() < until) {
      t.ok((await ask('/healthz')).ok, 'another client has its answer')
      t.equal(await metric('consentry_gate_open'), 1, 'calls are asked')
      await pause(500)
    }
    t.ok(sockets.filter(socket => socket.destroyed).length > CROWD - 100, 'the oldest made room')
    t.ok((await metric('process_open_fds')) < ORDINARY - 100)
  })

t.test('a single client that sends half a request is disconnected too', async t => {
  const sockets = await Promise.all(Object.values(crowds).map(words => half(t, words)))
  t.notOk(
    sockets.some(socket => socket.destroyed),
    'at first all are connected',
  )
  await t.resolves(
    until(() => sockets.every(socket => socket.destroyed)),
    'all three are disconnected',
  )
})

// Twenty at a time: with those whom the server has not let in yet, fewer than would take the client's place after an answer.
t.test('a client that sends complete requests keeps its connection in the crowd', async t => {
  const client = await half(t, '')
  let answers = 0
  client.on('data', data => {
    answers += data.toString().split('HTTP/1.1 ').length - 1
  })
  for (let round = 1; round <= 8; round++) {
    client.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await until(() => answers === round)
    await Promise.all(Array.from({ length: 20 }, () => half(t, crowds['half of a first line'])))
  }
  t.notOk(client.destroyed)
})
