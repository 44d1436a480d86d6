// Real: PostgreSQL, journal, stores, sealing, the keeper, pipes. Fake: Asterisk, failures of the store, an event that is lost.
// The test writes a-law into the pipes itself. The event is lost with its service.
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startRecorder } from '../../../src/audio/recorder.js'
import { AppError } from '../../../src/core/errors.js'
import type { EventType } from '../../../src/core/events.js'
import type { DurableEventSink } from '../../../src/core/ports.js'
import type { ObjectStore } from '../../../src/vault/store/store.js'
import { exactly } from '../../support/assertions/exactly.js'
import { testDatabase, until } from '../../support/processes/database.js'
import { openPipes } from '../../support/processes/keeper.js'
import {
  journalGrantedCall,
  listFiles,
  makeRecorderParts,
  readRecordingEvents,
  readRecordingRows,
  recordingHolds,
  startFirstRecorder,
  startTestRecorder,
} from '../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

/** A store whose writes for one purpose wait until `held` has settled, and fail once `broken`. */
function breakable(
  store: ObjectStore,
  purpose: string,
  state: { broken: boolean },
  held = Promise.resolve(),
): ObjectStore {
  return {
    ...store,
    open: name => store.open(name),
    has: name => store.has(name),
    list: () => store.list(),
    remove: name => store.remove(name),
    locate: name => store.locate(name),
    misplaced: () => store.misplaced(),
    accepts: wanted => store.accepts(wanted),
    freeSpace: wanted => store.freeSpace(wanted),
    checkWritable: wanted => store.checkWritable(wanted),
    async create(name) {
      const writer = await store.create(name)
      if (!name.startsWith(purpose)) return writer
      return {
        append: async chunks => {
          await held
          if (state.broken) throw new AppError('store.unwritable', 'the disk is full')
          await writer.append(chunks)
        },
        close: () => writer.close(),
      }
    },
  }
}

t.test('audio that waits for a hanging store is reported by the recorder and by the keeper', async t => {
  const house = await makeRecorderParts(t, database, { heldBytes: 300_000 })
  let resumeStore = () => {}
  const held = new Promise<void>(resolve => {
    resumeStore = resolve
  })
  const slow = breakable(house.deps.store, 'service', { broken: false }, held)
  const recorder = await startTestRecorder(t, { ...house.deps, store: slow })
  const { call, grants } = await journalGrantedCall(house.journal, ['service'])
  const tap = await recorder.prepare(call, '105', grants)
  const pipes = await openPipes(t, tap)
  t.strictSame(recorder.signs(), [], 'nothing is expected before the dialplan has the tap')
  recorder.handedOver(tap, Date.now())
  await Promise.all(pipes.map(pipe => pipe.writeFile(randomBytes(200_000))))
  await until(() => (recorder.signs()[0]?.heldBytes ?? 0) > 150_000)
  const [sign] = recorder.signs()
  t.match(sign, { call, stuckMs: Number })
  t.ok(sign!.stuckMs > 0)
  // The keeper reports what it holds from time to time.
  await until(() => recorder.keeperHeldBytes >= 400_000)
  resumeStore()
  await until(() => recorder.signs()[0]!.stuckMs === 0 && recorder.keeperHeldBytes === 0)
  await until(() => recorder.signs()[0]!.heldBytes === 0)
  await Promise.all(pipes.map(pipe => pipe.close()))
  await recorder.channelGone(call)
  t.strictSame(recorder.signs(), [])
})

t.test(
  'a store that fails during a call ends that recording; the pipe is drained, and the other recording is complete',
  async t => {
    const house = await makeRecorderParts(t, database)
    const state = { broken: false }
    const recorder = await startTestRecorder(t, {
      ...house.deps,
      store: breakable(house.deps.store, 'marketing', state),
    })
    const { call, grants } = await journalGrantedCall(house.journal, ['service', 'marketing'])
    const pipes = await openPipes(t, await recorder.prepare(call, '105', grants))
    const spoken = [randomBytes(400_000), randomBytes(400_000)] as const
    const say = (from: number, to: number) =>
      Promise.all(pipes.map((pipe, leg) => pipe.writeFile(spoken[leg]!.subarray(from, to))))
    const written = async () => {
      const sizes = (await listFiles(join(house.dir, 'store'))).map(path => statSync(path).size)
      const events = await readRecordingEvents(house, call)
      return events.length === 4 && sizes.every(size => size > 64_000)
    }
    await say(0, 32_000)
    await until(written)
    state.broken = true
    await say(32_000, 64_000)
    const truncated = async () =>
      (await readRecordingRows(house, call)).some(
        recording => recording.state === 'truncated' && recording.purpose === 'marketing',
      )
    await until(truncated)
    t.match(await readRecordingRows(house, call), exactly({ state: 'recording' }, { state: 'truncated' }))
    // This is more than the keeper can hold, so that audio would be missing without acknowledgements.
    for (let at = 64_000; at < 400_000; at += 16_000) await say(at, at + 16_000)
    for (const pipe of pipes) await pipe.close()
    await recorder.channelGone(call)

    const [service, marketing] = await readRecordingRows(house, call)
    t.match(service, { state: 'finished', seconds: 50, lost_bytes: 0 })
    t.ok(await recordingHolds(house, service!.id, spoken))
    t.equal(marketing!.seconds, 4, 'what came after the failure is not counted')
    t.ok(
      await recordingHolds(house, marketing!.id, [
        spoken[0].subarray(0, 32_000),
        spoken[1].subarray(0, 32_000),
      ]),
    )
    const progress = (await readRecordingEvents(house, call)).filter(
      ({ type }) => type === 'recording.progress',
    )
    t.equal(progress.length, 1, 'how far it came is journalled')
  },
)

/** A journal without one event, as if the service had died before it. */
const without = (journal: DurableEventSink, type: EventType): DurableEventSink => ({
  append: (events, timeoutMs) => journal.append(events, timeoutMs),
  note: (...events) => journal.note(...events),
  noteDurably: event => (event.type === type ? new Promise(() => {}) : journal.noteDurably(event)),
})

for (const [type, breaks] of [
  ['recording.finished', true],
  ['recording.part-started', false],
] as const) {
  t.test(`a service dies before ${type} is in the journal: the audio is sent again`, async t => {
    const house = await makeRecorderParts(t, database)
    const state = { broken: false }
    const store = breakable(house.deps.store, 'service', state)
    const first = await startFirstRecorder(t, { ...house.deps, store, journal: without(house.journal, type) })
    const { call, grants } = await journalGrantedCall(house.journal, ['service'])
    const prefix = await first.prepare(call, '105', grants)
    const pipes = await openPipes(t, prefix)
    first.handedOver(prefix, Date.now())
    const spoken = [randomBytes(96_000), randomBytes(96_000)] as const
    const say = (from: number) =>
      Promise.all(pipes.map((pipe, leg) => pipe.writeFile(spoken[leg]!.subarray(from, from + 32_000))))
    const stored = async (bytes: number) =>
      (await listFiles(join(house.dir, 'store'))).some(path => statSync(path).size > bytes)
    await say(0)
    await until(() => stored(64_000))
    state.broken = breaks
    await say(32_000)
    await until(async () => (breaks ? first.signs().length === 0 : stored(128_000)))
    await first.stop()
    // Wait for the other events, as a real next service would. Here the journal outlives its service.
    await house.journal.idle()

    const second = await startRecorder(house.deps)
    t.teardown(() => second.stop())
    second.pbxBack()
    await say(64_000)
    for (const pipe of pipes) await pipe.close()
    await second.channelGone(call)
    const recordings = await readRecordingRows(house, call)
    t.match(recordings, exactly({ state: 'finished', seconds: 12, lost_bytes: 0 }))
    t.ok(await recordingHolds(house, recordings[0]!.id, spoken))
  })
}
