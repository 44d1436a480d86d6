// Real: the session of a tap, and what it holds back. Fake: the tap, the recording and the clock.
import t from 'tap'
import { defaultLimits } from '../../../src/keeper/limits.js'
import { exactly } from '../../support/assertions/exactly.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { BLOCK, BLOCK_MS, FROM, startSession } from '../../support/fakes/fake-tap-session.js'

t.test(
  'what came while no service ran is neither stored nor acknowledged until it is known who is there',
  async t => {
    const { clock, session, block, ends, written, acknowledged, noted } = startSession(true)
    clock.advance(BLOCK_MS)
    for (const leg of ['caller', 'agent', 'caller'] as const) await block(leg)
    session.gap('agent', ends.agent, ends.agent + 100)
    await flushPromises()
    t.strictSame([written, [...acknowledged], noted], [[], [], []])
    t.ok(session.hasAudio, 'that audio has come is known')

    session.pauses.gate.release()
    await flushPromises()
    t.strictSame(written, ['caller 65536 1', 'agent 32768 2', 'caller 98304 3'], 'in order, as it came')
    t.strictSame(Object.fromEntries(acknowledged), ends)
    t.strictSame(noted, ['gap agent 100 overflow'])
    ends.agent += 100
    await block('agent')
    t.equal(written.at(-1), 'agent 65636 4', 'what follows does not wait')
  },
)

t.test(
  'if the PBX answers nothing, more than 45 s of a side are left out, and do not wait for ever',
  async t => {
    const { clock, block, written, noted, acknowledged } = startSession(false, () => new Promise(() => {}))
    for (let ms = 0; ms <= 45_000; ms += BLOCK_MS) {
      clock.advance(BLOCK_MS)
      await block('caller')
    }
    t.strictSame(written, [], 'nothing is stored of which it is not known who was there')
    t.match(noted, exactly(/^paused party/))
    t.ok(acknowledged.get('caller')! > 45 * 8_000, 'the keeper need not keep it')
  },
)

t.test(
  'a block waits for what the PBX had reported before it came, and those after it wait, too',
  async t => {
    const known: (() => void)[] = []
    const { clock, session, block, written, acknowledged } = startSession(
      false,
      () => new Promise(resolve => known.push(resolve)),
    )
    clock.advance(BLOCK_MS)
    await block('caller')
    await block('agent')
    known[1]!()
    await flushPromises()
    t.strictSame([written, [...acknowledged]], [[], []])
    // Somebody joined two seconds before the block came, and the report is late.
    void session.pauses.pause(clock.now() - 2_000, 'party')
    known[0]!()
    await flushPromises()
    t.strictSame(written, ['caller 0 1', 'agent 0 2'])
    t.ok(
      session.secondsOf(session.recordings[0]!) > 1.7 && session.secondsOf(session.recordings[0]!) < 1.9,
      `${session.secondsOf(session.recordings[0]!)} s are stored`,
    )
    await block('caller')
    const ended = session.channelGone()
    await flushPromises()
    t.equal(acknowledged.get('caller'), 2 * BLOCK, 'the end of the channel is reported after all else')
    session.end('caller')
    session.end('agent')
    await ended
  },
)

t.test('the look at the bridges may overtake the report of somebody who joined after it', async t => {
  const known: (() => void)[] = []
  const caughtUp = () => new Promise<void>(resolve => known.push(resolve))
  const { clock, session, block, written } = startSession(false, caughtUp)
  session.pauses.gate.hold(clock.now())
  clock.advance(BLOCK_MS)
  await block('caller')
  await block('agent')
  session.pauses.gate.told()
  await flushPromises()
  t.strictSame([written, known.length], [[], 1], 'what was held waits for the reports until now')
  // Somebody joined a second before the blocks came, after the PBX had listed its bridges.
  void session.pauses.pause(clock.now() - 1_000, 'party')
  known[0]!()
  await flushPromises()
  t.strictSame(written, ['caller 0 1', 'agent 0 2'])
  t.ok(
    session.secondsOf(session.recordings[0]!) > 2.7 && session.secondsOf(session.recordings[0]!) < 2.9,
    `${session.secondsOf(session.recordings[0]!)} s are stored`,
  )
})

t.test('a look lets nothing through that waits for a report', async t => {
  const { clock, session, block, written } = startSession(false, () => new Promise(() => {}))
  clock.advance(BLOCK_MS)
  await block('caller')
  session.pauses.gate.told()
  await flushPromises()
  t.strictSame(written, [])
})

t.test(
  'beside an outsider nothing of it is stored: the pause begins with the first sample of that time',
  async t => {
    const { clock, session, block, ends, written, noted, acknowledged } = startSession(true)
    clock.advance(BLOCK_MS)
    await block('caller')
    clock.advance(1_000)
    await block('agent')
    clock.advance(500)
    session.pauses.leaveOutHeld(clock.now(), 'party')
    session.pauses.gate.release()
    await flushPromises()
    t.strictSame([written, Object.fromEntries(acknowledged)], [[], ends])
    t.strictSame(noted, [`paused party 0 ${FROM.caller} ${FROM.agent}`])
    clock.advance(10_000)
    session.pauses.resume(clock.now(), 'party')
    await block('caller')
    clock.advance(BLOCK_MS)
    await block('caller')
    t.strictSame(written, ['caller 133072 4'], 'it goes on a quarter of a second after the pause')
  },
)

t.test('beside an outsider on a line with `own-side`, the caller is stored', async t => {
  const { clock, session, block, written, noted } = startSession(true)
  clock.advance(BLOCK_MS)
  for (const leg of ['caller', 'agent'] as const) await block(leg)
  session.pauses.leaveOutHeld(clock.now(), 'own-side')
  session.pauses.gate.release()
  await flushPromises()
  t.strictSame(written, ['caller 65536 1'])
  t.strictSame(noted, [`paused own-side 0 ${FROM.caller} ${FROM.agent}`])
})

t.test(
  'a pause that lasted already is left as it is, and one that began meanwhile hides nothing',
  async t => {
    const paused = startSession(true)
    paused.pauses.recover(paused.clock.now() - 60_000, 'agent')
    paused.clock.advance(BLOCK_MS)
    await paused.block('caller')
    paused.session.pauses.leaveOutHeld(paused.clock.now(), 'party')
    t.strictSame(paused.noted, [])

    const twice = startSession(true)
    twice.pauses.recover(twice.clock.now() - 60_000, 'api', twice.clock.now() + 1_000)
    await twice.session.pauses.pause(twice.clock.now() + 1_000, 'party')
    twice.clock.advance(BLOCK_MS)
    await twice.block('caller')
    twice.session.pauses.leaveOutHeld(twice.clock.now(), 'party')
    t.strictSame(
      twice.noted.map(one => one.slice(0, 17)),
      ['paused party 1000'],
      'so is one that followed another',
    )

    const late = startSession(true)
    late.pauses.recover(late.clock.now() + 6_000, 'api')
    for (const ms of [BLOCK_MS, BLOCK_MS]) {
      late.clock.advance(ms)
      await late.block('caller')
    }
    late.session.pauses.leaveOutHeld(late.clock.now(), 'party')
    late.session.pauses.gate.release()
    await flushPromises()
    t.strictSame([late.written, late.noted], [[], []], 'what came before it is left out, too')

    const { clock, session, block, written, noted } = startSession(true)
    clock.advance(BLOCK_MS)
    for (const leg of ['caller', 'agent'] as const) await block(leg)
    clock.advance(1_000)
    await session.pauses.pause(clock.now(), 'api')
    session.pauses.leaveOutHeld(clock.now(), 'party')
    session.pauses.gate.release()
    await flushPromises()
    t.strictSame(written, [])
    matchEach(t, noted, [/^paused api 5096 /, /^resumed api 5096 /, /^paused party 0 65536 32768$/])
  },
)

t.test('when the connection to the PBX is lost, what came before is stored', async t => {
  const { clock, session, block, written, noted } = startSession(false)
  clock.advance(BLOCK_MS)
  for (const leg of ['caller', 'agent'] as const) await block(leg)
  clock.advance(2_000)
  session.pauses.gate.hold(clock.now())
  clock.advance(2_096)
  for (const leg of ['caller', 'agent'] as const) await block(leg)
  t.equal(written.length, 2)
  session.pauses.leaveOutHeld(clock.now(), 'party')
  session.pauses.gate.release()
  await flushPromises()
  t.strictSame(written.slice(2), ['caller 32768 3', 'agent 32768 4'], 'the pieces before the loss')
  matchEach(t, noted, [/^paused party 6096 48768 48768$/])
})

t.test('a recording that ends by a withdrawal before the look keeps nothing of what is held', async t => {
  const { clock, session, block, written, noted } = startSession(false)
  clock.advance(BLOCK_MS)
  for (const leg of ['caller', 'agent'] as const) await block(leg)
  clock.advance(1_000)
  session.pauses.gate.hold(clock.now())
  clock.advance(1_000)
  session.endAt(clock.now())
  clock.advance(BLOCK_MS - 2_000)
  for (const leg of ['caller', 'agent'] as const) await block(leg)
  session.pauses.gate.told()
  await flushPromises()
  t.strictSame(written.slice(2), ['caller 32768 3', 'agent 32768 4'], 'the pieces before the loss')
  t.ok(
    session.secondsOf(session.recordings[0]!) < 5,
    `${session.secondsOf(session.recordings[0]!)} s are stored, of 6.1: who was there in the last is not known`,
  )
  t.strictSame(noted, ['paused party 5096 40768 40768', 'finished'])
})

t.test('more than 45 s of a side are not held: they are left out, and the recording pauses', async t => {
  const { clock, session, block, ends, written, noted, acknowledged } = startSession(true)
  for (let blocks = 0; blocks < 10; blocks++) {
    clock.advance(BLOCK_MS)
    await block('caller')
  }
  t.strictSame([session.pauses.of(session.recordings[0]!).by, noted], [undefined, []])
  clock.advance(BLOCK_MS)
  await block('caller')
  t.strictSame([session.pauses.of(session.recordings[0]!).by, written], ['party', []])
  t.strictSame(noted, [`paused party 0 ${FROM.caller} ${FROM.agent}`])
  t.equal(acknowledged.get('caller'), ends.caller)
})

t.test('all that the keeper holds is stored after the look, with what came until then', async t => {
  const { clock, session, block, written, noted } = startSession(true)
  // The keeper hands over what it holds at once, and Asterisk's next block is on its way.
  const blocks = Math.ceil(defaultLimits.heldBytes / BLOCK) + 1
  clock.advance(defaultLimits.heldBytes / 8)
  for (let i = 0; i < blocks; i++) await block('caller')
  session.pauses.gate.release()
  await flushPromises()
  t.equal(written.length, blocks)
  t.strictSame(noted, [])
})

t.test('a call that ended meanwhile is stored to its end', async t => {
  const { clock, session, block, written, noted } = startSession(true)
  clock.advance(BLOCK_MS)
  for (const leg of ['caller', 'agent'] as const) await block(leg)
  const gone = session.channelGone()
  await flushPromises()
  t.equal(written.length, 2)
  for (const leg of ['caller', 'agent'] as const) session.end(leg)
  await gone
  t.strictSame(noted, ['finished'])
})

t.test('a service that stops before it is known leaves what it holds to the next one', async t => {
  const { clock, session, block, written, acknowledged } = startSession(true)
  Object.assign(session.recordings[0]!, { suspend: async () => {} })
  clock.advance(BLOCK_MS)
  await block('caller')
  await session.suspend()
  session.pauses.gate.release()
  await flushPromises()
  t.strictSame([written, [...acknowledged]], [[], []])
})
