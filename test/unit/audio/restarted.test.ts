// Real: the session of a tap, with what it cuts and holds back. Fake: the tap, its restart, the recording and the clock.
import t from 'tap'
import type { Tap } from '../../../src/audio/tap/tap.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { BLOCK, BLOCK_MS, startSession } from '../../support/fakes/fake-tap-session.js'

/** From the end of the pipes to the order to start, and from that to the answer, ms. */
const [STOPPED_MS, STARTING_MS] = [100, 40]

/** A session whose tap the PBX stops and starts again. */
function startRestartable(caughtUp?: () => Promise<void>) {
  const started = startSession(false, caughtUp)
  const { clock, session } = started
  const tap = { reference: '/tap/1', acknowledge() {}, readAgain: async () => {} }
  session.useTap(tap as unknown as Tap)
  const orders = {
    stop: async () => {
      session.end('caller')
      session.end('agent')
    },
    start: async () => {
      clock.advance(STARTING_MS)
      return 'started' as const
    },
  }
  const restart = async () => {
    const stopping = session.stopTap(orders)
    await flushPromises()
    clock.advance(STOPPED_MS)
    await stopping
    await session.startTap(orders, {})
  }
  return { ...started, restart }
}

t.test('a restart of the tap during a pause does not make the pause longer', async t => {
  const { clock, session, block, written, noted, restart } = startRestartable()
  clock.advance(BLOCK_MS)
  await block('caller')
  await session.pauses.pause(clock.now(), 'agent')
  await restart()
  clock.advance(1_000)
  session.pauses.resume(clock.now(), 'agent')
  const resumed = BLOCK + (STARTING_MS + 1_000) * 8
  clock.advance(BLOCK_MS - 1_000)
  await block('caller')
  t.strictSame(written, ['caller 0 1', `caller ${resumed + 150 * 8} 2`])
  t.match(noted.at(-1), /^resumed agent \d+ 40768 8000$/, 'reckoned from the answer')
})

t.test('a block that waits is from before the restart of the tap', async t => {
  const known: (() => void)[] = []
  const { clock, session, block, written, restart } = startRestartable(
    () => new Promise(resolve => known.push(resolve)),
  )
  clock.advance(BLOCK_MS)
  await block('caller')
  await session.pauses.pause(clock.now() - 1_000, 'agent')
  await restart()
  for (const resolve of known) resolve()
  await flushPromises()
  t.strictSame(written, ['caller 0 1'], 'what was said before the pause is stored')
  clock.advance(1_000)
  session.pauses.resume(clock.now(), 'agent')
  clock.advance(BLOCK_MS - 1_000)
  await block('caller')
  for (const resolve of known) resolve()
  await flushPromises()
  t.strictSame(written.slice(1), [`caller ${BLOCK + (STARTING_MS + 1_000 + 150) * 8} 2`])
})
