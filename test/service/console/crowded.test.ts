// Real: the console's server, PostgreSQL with the console's role, HTTP. Fake: none.
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { testConsole } from '../../support/processes/console.js'
import { type EventStream, openStream } from '../../support/processes/event-stream.js'
import { whenClosed } from '../../support/processes/when-closed.js'

/** How many pages are kept up to date at once, how many of them in one session, and how many connections the console takes. */
const VIEWERS = 128
const VIEWERS_OF_SESSION = 6
const CONNECTIONS = 256
/** Time between two tries, ms: the server learns of the end of a connection a moment later. */
const RETRY_MS = 50
/** How often a page connects until it is shown. */
const TRIES = 5
/** How long a client may take to send headers, ms. */
const HEADERS_MS = 5_000

/** Starts a console that nobody is connected to. */
async function startConsole(t: Test) {
  const { app, people } = await testConsole(t)
  return { people, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

t.test('128 pages are kept up to date, and a place that is left is taken', async t => {
  const { people, url } = await startConsole(t)
  const sessions = Math.ceil(VIEWERS / VIEWERS_OF_SESSION)
  const operators = await Promise.all(Array.from({ length: sessions }, () => people('operator')))
  const streams: EventStream[] = []
  // One person's pages connect at once. All 128 would wait for the pool's few connections for longer than it lets a request wait.
  while (streams.length < VIEWERS) {
    const { headers } = operators[streams.length / VIEWERS_OF_SESSION]!
    const length = Math.min(VIEWERS_OF_SESSION, VIEWERS - streams.length)
    streams.push(...(await Promise.all(Array.from({ length }, () => openPage(t, url, { ...headers })))))
  }
  const { headers } = await people('auditor')
  const watch = () => openStream(t, `${url}/now/events`, { ...headers })
  t.equal((await watch()).status, 429, 'one too many')
  const page = await fetch(`${url}/now`, { headers: { ...headers } })
  t.equal(page.status, 200, 'the page itself can be read')
  await page.text()
  streams[0]!.close()
  while ((await watch()).status !== 200) await pause(RETRY_MS)
  for (const stream of streams) stream.close()
})

t.test(
  '256 connections are taken; one more is answered, and the one that was idle longest is closed',
  async t => {
    const { hostname, port } = new URL((await startConsole(t)).url)
    const open = () => openSocket(t, hostname, Number(port))
    for (let late = true; late; ) {
      const begun = performance.now()
      const idle = await Promise.all(Array.from({ length: CONNECTIONS }, open))
      const answer = await ask(await open())
      await Promise.race(idle.map(whenClosed))
      // On a busy machine it may be closed for being slow.
      late = performance.now() - begun > HEADERS_MS
      for (const socket of idle) socket.destroy()
      if (!late) t.match(answer, /^HTTP\/1\.1 200 /)
    }
  },
)

/**
 * Opens a page that is kept up to date, and waits until it has been shown what goes on. On a busy machine the console may get no answer of its
 * database in time. Then it refuses the connection, and the page connects again, or it says that its figures are old.
 */
async function openPage(t: Test, url: string, headers: Record<string, string>): Promise<EventStream> {
  for (let tries = 1; ; tries++) {
    const stream = await openStream(t, `${url}/now/events`, headers)
    if (stream.status === 200) {
      if (await stream.next(({ event }) => event === 'message')) return stream
      throw new Error('the console ended a connection that it had accepted')
    }
    if (tries === TRIES)
      throw new Error(`no page was shown in ${TRIES} connections; the last answer was ${stream.status}`)
    await pause(RETRY_MS)
  }
}

/** Sends a request. @returns the beginning of the answer, or `closed` */
function ask(socket: Socket): Promise<string> {
  socket.write('GET /sign-in HTTP/1.1\r\nhost: console\r\n\r\n')
  return new Promise(resolve => {
    socket.once('data', data => resolve(String(data)))
    void whenClosed(socket).then(() => resolve('closed'))
  })
}

async function openSocket(t: Test, host: string, port: number): Promise<Socket> {
  const socket = connect(port, host)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  const connected = new Promise(resolve => void socket.once('connect', resolve))
  await Promise.race([connected, whenClosed(socket)])
  return socket
}
