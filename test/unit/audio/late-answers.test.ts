// Real: the session of a tap, and what it holds back. Fake: the tap, the recording, the clock and the answers of the PBX.
import t from 'tap'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { BLOCK_MS, startSession } from '../../support/fakes/fake-tap-session.js'

t.test('a PBX that answers each ping late costs no audio, however long the call lasts', async t => {
  const known: (() => void)[] = []
  const caughtUp = () => new Promise<void>(resolve => known.push(resolve))
  const { clock, block, written, noted } = startSession(false, caughtUp)
  const blocks = 40
  for (let i = 0; i < blocks; i++) {
    clock.advance(BLOCK_MS / 2)
    await block(i % 2 === 0 ? 'caller' : 'agent')
    // When a ping is answered, the next block waits already.
    known[i - 1]?.()
    await flushPromises()
  }
  t.equal(written.length, blocks - 1, 'only the last block waits, after 80 s')
  t.strictSame(noted, [], 'nothing is left out')
})

t.test('when the PBX is lost before it has answered, what waits is held until the look', async t => {
  const lose: ((error: Error) => void)[] = []
  const known: (() => void)[] = []
  const caughtUp = () =>
    new Promise<void>((resolve, reject) => {
      known.push(resolve)
      lose.push(reject)
    })
  const { clock, session, block, written, noted } = startSession(false, caughtUp)
  clock.advance(BLOCK_MS)
  for (const leg of ['caller', 'agent'] as const) await block(leg)
  lose.forEach(one => void one(new Error('lost')))
  await flushPromises()
  t.ok(session.pauses.gate.holds)
  t.equal(session.pauses.gate.since, clock.now() - BLOCK_MS)
  t.strictSame(written, [], 'nothing passes of which it is not known who was there')
  session.pauses.gate.told()
  known.at(-1)!()
  await flushPromises()
  t.strictSame([written, noted], [['caller 0 1', 'agent 0 2'], []], 'nothing is lost')
})
