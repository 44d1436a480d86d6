// Real: the session of a tap. Fake: the tap, the recordings and the clock.
import t from 'tap'
import type { Recording } from '../../../src/audio/recording.js'
import type { Tap } from '../../../src/audio/tap/tap.js'
import { TapSession } from '../../../src/audio/tap-session.js'
import type { Leg } from '../../../src/core/audio.js'
import { newCallId } from '../../../src/core/ids.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { silent } from '../../support/processes/database.js'

const BLOCK = 32_768
const BLOCK_MS = 4_096

/** A session with one recording. Its writes end when the test calls `stored`. */
function startSession() {
  const clock = new FakeClock()
  const acknowledged: [Leg, number][] = []
  const waiting: (() => void)[] = []
  const recording = {
    running: true,
    purpose: 'service',
    write: () => new Promise<void>(resolve => waiting.push(resolve)),
    notePaused: async () => {},
    durablyJournalled: async () => {},
  } as unknown as Recording
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

/** A session with a recording in a store that hangs until `goOn`, and one in a store that works. `ended`: those that have ended, in order. */
function startBesideHungStore() {
  const ended: string[] = []
  const acknowledged: number[] = []
  let goOn = () => {}
  const hangs = new Promise<void>(resolve => {
    goOn = resolve
  })
  const recordingFor = (purpose: string, stored: Promise<void>) => {
    const end = async () => void ended.push(purpose)
    const write = () => stored
    const more = { durablyJournalled: async () => {}, finish: end, suspend: end }
    const withdraw = async (written: Promise<unknown>) => {
      await written
      await end()
    }
    return { running: true, purpose, write, withdraw, ...more } as unknown as Recording
  }
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
