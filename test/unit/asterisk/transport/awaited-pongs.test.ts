// Real: what waits for the pongs of a socket. Fake: the socket, whose pings are noted.
import t from 'tap'
import { AwaitedPongs } from '../../../../src/asterisk/transport/ari-socket.js'

function startPongs() {
  const sent: string[] = []
  const pongs = new AwaitedPongs(text => void sent.push(text))
  const settled: string[] = []
  /** Asks alone: those who ask in one turn share a ping. */
  const ask = async (name: string) => {
    pongs.caughtUp().then(
      () => void settled.push(name),
      ({ code }) => void settled.push(`${name} ${code}`),
    )
    await flush()
  }
  return { pongs, sent, settled, ask }
}
const flush = () => new Promise(resolve => setImmediate(resolve))

t.test('a pong also answers the pings before it, whose pongs the PBX may leave out', async t => {
  const { pongs, sent, settled, ask } = startPongs()
  for (const name of ['a', 'b', 'c']) await ask(name)
  t.strictSame(sent, ['1', '2', '3'])
  pongs.pong('2')
  await flush()
  t.strictSame(settled, ['a', 'b'])
  pongs.ping()
  t.equal(sent.at(-1), '3', 'a ping that nobody waits for asks once more')
  for (const strange of ['', 'x', '-1', '0', '4', '1e9', 'Infinity']) pongs.pong(strange)
  await flush()
  t.strictSame(settled, ['a', 'b'], 'a pong with a text that was not sent is ignored')
  pongs.pong('3')
  await flush()
  t.strictSame(settled, ['a', 'b', 'c'])
})

t.test('a socket that closes settles all who wait, and who asks after it', async t => {
  const { pongs, sent, settled, ask } = startPongs()
  await ask('a')
  pongs.close()
  await ask('b')
  t.strictSame(settled, ['a pbx.unavailable', 'b pbx.unavailable'])
  t.strictSame(sent, ['1'])
  t.equal(pongs.waitedMs(), 0)
})

t.test('how long the oldest has waited; a standstill of this process does not count', async t => {
  const { pongs, ask } = startPongs()
  t.equal(pongs.waitedMs(), 0)
  await ask('a')
  const now = performance.now()
  await ask('b')
  t.ok(pongs.waitedMs(now + 1_000) >= 1_000)
  pongs.stalled(now + 1_000)
  t.equal(pongs.waitedMs(now + 1_500), 500)
  pongs.pong('2')
  t.equal(pongs.waitedMs(now + 5_000), 0)
})
