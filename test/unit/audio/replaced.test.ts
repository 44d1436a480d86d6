// Real: the session of a tap, and what it holds back. Fake: the tap, the recording and the clock.
import t from 'tap'
import { LEGS } from '../../../src/core/audio.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { BLOCK, BLOCK_MS, startSession } from '../../support/fakes/fake-tap-session.js'

/** A block of 4.1 s of each side is recorded, then one more second until the channel ends. */
async function endAfterASecond() {
  const started = startSession(false)
  const { clock, session, block } = started
  clock.advance(BLOCK_MS)
  for (const leg of LEGS) await block(leg)
  clock.advance(1_000)
  const ended = session.channelGone(clock.now())
  await flushPromises()
  const endPipes = () => {
    for (const leg of LEGS) session.end(leg)
    return ended
  }
  return { ...started, endPipes }
}

t.test(
  'another phone takes the place of the channel, and hangs up soon: nothing of it is stored',
  async t => {
    const { clock, session, block, noted, endPipes } = await endAfterASecond()
    clock.advance(1_500)
    for (const leg of LEGS) await block(leg)
    await endPipes()
    t.ok(
      session.secondsOf(session.recordings[0]!) <= 5.1,
      `${session.secondsOf(session.recordings[0]!)} s are stored, of 5.1`,
    )
    t.strictSame(noted, ['truncated'], 'its own end may have been cut, too')
  },
)

t.test('a look at the bridges in that time lets nothing of the other phone through', async t => {
  const { clock, session, block, written, endPipes } = await endAfterASecond()
  clock.advance(1_500)
  for (const leg of LEGS) await block(leg)
  session.pauses.gate.told()
  await flushPromises()
  t.equal(written.length, 2, 'what came since the end of the channel waits on')
  clock.advance(1_500)
  for (const leg of LEGS) await block(leg)
  await endPipes()
  t.ok(
    session.secondsOf(session.recordings[0]!) <= 5.1,
    `${session.secondsOf(session.recordings[0]!)} s are stored, of 5.1`,
  )
})

t.test('another phone takes the place of the channel, and stays: what was said before is stored', async t => {
  const { clock, session, block, written, noted, acknowledged, endPipes } = await endAfterASecond()
  // Asterisk writes the block when it is full.
  clock.advance(BLOCK_MS - 1_000)
  for (const leg of LEGS) await block(leg)
  clock.advance(2_000)
  await flushPromises()
  for (const leg of LEGS) await block(leg)
  t.strictSame(written, ['caller 0 1', 'agent 0 2', 'caller 32768 3', 'agent 32768 4'])
  t.ok(
    session.secondsOf(session.recordings[0]!) > 5 && session.secondsOf(session.recordings[0]!) <= 5.1,
    `${session.secondsOf(session.recordings[0]!)} s are stored, of 5.1`,
  )
  t.equal(acknowledged.get('caller'), 3 * BLOCK, 'the keeper need not keep the rest')
  await endPipes()
  t.strictSame(noted, ['truncated'])
})

t.test('pipes that end with their channel are stored whole', async t => {
  const { clock, session, block, noted, endPipes } = await endAfterASecond()
  clock.advance(500)
  for (const leg of LEGS) await block(leg)
  await endPipes()
  t.equal(session.secondsOf(session.recordings[0]!), (2 * BLOCK) / 8_000)
  t.strictSame(noted, ['finished'])
})
