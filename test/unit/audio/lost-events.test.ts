// Real: the session of a tap, its recording and part, sealing. Fake: the tap, the store, the key store, the clock, and a journal that loses events.
import t from 'tap'
import { PartWriter } from '../../../src/audio/part-writer.js'
import { Recording } from '../../../src/audio/recording.js'
import type { Tap } from '../../../src/audio/tap/tap.js'
import { TapSession } from '../../../src/audio/tap-session.js'
import type { Leg } from '../../../src/core/audio.js'
import { AppError } from '../../../src/core/errors.js'
import type { CallEvent, EventType } from '../../../src/core/events.js'
import { DISK } from '../../../src/core/part-location.js'
import { FakeClock, runPendingWork } from '../../support/fakes/fake-clock.js'
import { silent } from '../../support/processes/database.js'
import { block, keyPair, partInfo } from '../vault/fixture.js'

const BLOCK = 32_768

/** A tap with one recording. The journal loses all events while `full` is true. */
async function startRecording() {
  const clock = new FakeClock()
  const journal = { full: false, events: [] as CallEvent[], lost: [] as CallEvent[] }
  const note = (event: CallEvent) => void (journal.full ? journal.lost : journal.events).push(event)
  const noteDurably = async (event: CallEvent) => {
    note(event)
    if (journal.full) throw new AppError('journal.unwritten', 'too many events wait')
  }
  const object = { append: async () => {}, close: async () => {} }
  const deps = {
    journal: { append: async () => {}, note, noteDurably },
    keyStore: { put: async () => {}, destroy: async () => {} } as never,
    store: { location: DISK, create: async () => object, remove: async () => {} } as never,
    recipients: keyPair().recipients,
    clock,
  }
  const info = partInfo()
  const part = await PartWriter.prepare(info, '2030-01-01', deps)
  const recording = new Recording({ part, deps, log: silent })
  const session = new TapSession({
    call: info.call,
    recordings: [recording],
    clock,
    pbx: undefined,
    log: silent,
  })
  const acknowledged = new Map<Leg, number>()
  const acknowledge = (leg: Leg, sample: number) => void acknowledged.set(leg, sample)
  session.useTap({ acknowledge, exists: async () => true, end() {} } as unknown as Tap)
  session.handedOver(clock.now())
  const ends = { caller: 0, agent: 0 }
  const say = async (leg: Leg) => {
    session.block(block(leg, ends[leg], Buffer.alloc(BLOCK, 1)))
    ends[leg] += BLOCK
    await runPendingWork()
  }
  const end = async () => {
    const gone = session.channelGone()
    for (const leg of ['caller', 'agent'] as const) session.end(leg)
    await gone
  }
  const of = (events: CallEvent[], type: EventType) => events.filter(one => one.type === type)
  return { journal, session, acknowledged, say, end, of }
}

t.test('audio whose container the journal has lost is acknowledged only when the journal has it', async t => {
  const { journal, acknowledged, say, end, of } = await startRecording()
  journal.full = true
  for (const leg of ['caller', 'agent', 'caller'] as const) await say(leg)
  t.strictSame([...acknowledged], [], 'the keeper keeps it')
  journal.full = false
  await say('agent')
  t.strictSame(Object.fromEntries(acknowledged), { agent: 2 * BLOCK })
  await say('caller')
  t.strictSame(Object.fromEntries(acknowledged), { caller: 3 * BLOCK, agent: 2 * BLOCK })
  await end()
  const [started, ...more] = of(journal.events, 'recording.part-started')
  t.strictSame(more, [])
  t.equal(started!.id, of(journal.lost, 'recording.part-started')[0]!.id, 'it is the same event')
  t.equal(journal.events.at(-1)!.type, 'recording.finished')
})

t.test('a gap that the journal has lost is noted once more before what follows is acknowledged', async t => {
  const { journal, session, acknowledged, say, of } = await startRecording()
  await say('caller')
  journal.full = true
  session.gap('caller', BLOCK, BLOCK + 800)
  await runPendingWork()
  t.equal(of(journal.lost, 'recording.gap').length, 1)
  await say('agent')
  t.strictSame(Object.fromEntries(acknowledged), { caller: BLOCK })
  journal.full = false
  await say('agent')
  t.strictSame(Object.fromEntries(acknowledged), { caller: BLOCK, agent: 2 * BLOCK })
  t.equal(of(journal.events, 'recording.gap').length, 1)
})

t.test('a pause that the journal has lost holds up nothing, and is noted once more', async t => {
  const { journal, session, acknowledged, say, of } = await startRecording()
  await say('caller')
  journal.full = true
  await session.pauses.pause(Date.now(), 'api')
  journal.full = false
  await say('caller')
  t.equal(of(journal.events, 'recording.paused').length, 1)
  t.strictSame(Object.fromEntries(acknowledged), { caller: 2 * BLOCK })
})

t.test(
  'a recording ends while the journal loses events, and notes its container once more before its end',
  async t => {
    const { journal, say, end } = await startRecording()
    journal.full = true
    await say('caller')
    journal.full = false
    await end()
    t.strictSame(
      journal.events.map(({ type }) => type),
      ['recording.part-started', 'recording.part-ended', 'recording.finished'],
    )
  },
)
