// Real: the session of a tap, its recordings. Fake: the tap, the parts, the journal and the clock.
import t from 'tap'
import type { PartWriter } from '../../../src/audio/part-writer.js'
import { Recording } from '../../../src/audio/recording.js'
import type { Tap } from '../../../src/audio/tap/tap.js'
import { TapSession } from '../../../src/audio/tap-session.js'
import type { Leg } from '../../../src/core/audio.js'
import { newCallId } from '../../../src/core/ids.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { silent } from '../../support/processes/database.js'
import { block as blockOf, partInfo } from '../vault/fixture.js'

const BLOCK = 32_768
const BLOCK_MS = 4_096

/** A recording with a part whose writes end as `stored` says. `ended` is called when the part ends. */
function startRecording(purpose: string, stored: () => Promise<void>, ended = () => {}): Recording {
  const end = async () => ended()
  const part = {
    ...{ info: partInfo({ purpose }), hasAudio: true, isInJournal: true, startDurable: Promise.resolve() },
    ...{ write: stored, finish: end, abandon: end, destroyKey: async () => {} },
  } as unknown as PartWriter
  const journal = { append: async () => {}, note() {}, noteDurably: async () => {} }
  const others = { keyStore: {} as never, store: {} as never, recipients: [] }
  return new Recording({ part, deps: { journal, clock: new FakeClock(), ...others }, log: silent })
}

t.test('nothing of the blocks before is kept when they are written', async t => {
  const recording = startRecording('service', async () => {})
  for (let sample = 0; sample < 3; sample += 1)
    void recording.write(blockOf('caller', sample, Buffer.alloc(1)))
  const result: unknown = await recording.written
  t.equal(result, undefined)
})

/** A session with one recording. Its writes end when the test calls `stored`. */
function startSession() {
  const clock = new FakeClock()
  const acknowledged: [Leg, number][] = []
  const waiting: (() => void)[] = []
  const recording = startRecording('service', () => new Promise<void>(resolve => waiting.push(resolve)))
  const session = new TapSession({
    call: newCallId(),
    recordings: [recording],
    clock,
    log: silent,
    pbx: undefined,
  })
  const acknowledge = (leg: Leg, sample: number) => void acknowledged.push([leg, sample])
  session.useTap({ acknowledge } as unknown as Tap)
  session.handedOver(clock.now())
  const ends = { caller: 0, agent: 0 }
  const block = (leg: Leg) => {
    session.block({ leg, sample: ends[leg], arrivedAt: clock.now(), bytes: Buffer.alloc(BLOCK, 1) })
    ends[leg] += BLOCK
  }
  const stored = async () => {
    for (const resolve of waiting.splice(0)) resolve()
    await flushPromises()
  }
  return { clock, session, block, stored, acknowledged }
}

t.test(
  'a block that is cut whole does not acknowledge the block before it, which is not stored yet',
  async t => {
    const { clock, session, block, stored, acknowledged } = startSession()
    clock.advance(BLOCK_MS)
    block('caller')
    clock.advance(1_000)
    await session.pauses.pause(clock.now() - 900, 'agent')
    clock.advance(60_000)
    block('caller')
    clock.advance(BLOCK_MS)
    block('caller')
    await flushPromises()
    t.strictSame(acknowledged, [], 'the first block is still being written')
    await stored()
    t.strictSame(acknowledged.at(-1), ['caller', 3 * BLOCK])
  },
)

t.test('audio counts as waiting only if it came, also after the keeper has died', async t => {
  const { clock, session, block, stored } = startSession()
  session.interrupted(true, { sample: 0, lost: { caller: 0, agent: 0 } })
  await flushPromises()
  clock.advance(60_000)
  t.equal(session.signs[0]!.stuckMs, 0, 'both sides are silent')
  for (const leg of ['caller', 'agent'] as const) block(leg)
  clock.advance(60_000)
  t.equal(session.signs[0]!.stuckMs, 60_000, 'the store hangs')
  await stored()
  t.equal(session.signs[0]!.stuckMs, 0)
})

/** A session with a recording in a store that hangs until `goOn`, and one in a store that works. `ended`: those that have ended, in order. */
function startBesideHungStore() {
  const ended: string[] = []
  const acknowledged: number[] = []
  let goOn = () => {}
  const hangs = new Promise<void>(resolve => {
    goOn = resolve
  })
  const recordingFor = (purpose: string, stored: Promise<void>) =>
    startRecording(
      purpose,
      () => stored,
      () => void ended.push(purpose),
    )
  const recordings = [recordingFor('hung', hangs), recordingFor('working', Promise.resolve())]
  const clock = new FakeClock()
  const session = new TapSession({ call: newCallId(), recordings, clock, log: silent, pbx: undefined })
  const acknowledge = (_: Leg, sample: number) => void acknowledged.push(sample)
  session.useTap({ acknowledge, end() {}, exists: async () => true } as unknown as Tap)
  session.handedOver(clock.now())
  clock.advance(BLOCK_MS)
  session.block({ leg: 'caller', sample: 0, arrivedAt: clock.now(), bytes: Buffer.alloc(BLOCK, 1) })
  return { session, ended, acknowledged, goOn }
}

t.test('a store that hangs delays the end of no recording in another store', async t => {
  const ends: Record<string, (session: TapSession) => Promise<unknown>> = {
    'the channel ends': session => {
      for (const leg of ['caller', 'agent'] as const) session.end(leg)
      return session.channelGone()
    },
    'the service stops': session => session.suspend(),
    'the caller withdraws': session => session.withdraw(['hung', 'working']),
  }
  for (const [what, end] of Object.entries(ends)) {
    const { session, ended, acknowledged, goOn } = startBesideHungStore()
    const over = end(session)
    await flushPromises()
    t.strictSame(ended, ['working'], what)
    t.strictSame(acknowledged, [], 'the audio is not in both stores')
    goOn()
    await over
    t.strictSame(ended, ['working', 'hung'], what)
  }
})
