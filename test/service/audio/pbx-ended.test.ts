// Real: PostgreSQL, journal, stores, sealing, the keeper, pipes. Fake: Asterisk, in the last test two timers of the clock.
// The test writes a-law into the pipes itself.
import t from 'tap'
import { startRecorder } from '../../../src/audio/recorder.js'
import { systemClock } from '../../../src/core/clock.js'
import type { CallId } from '../../../src/core/ids.js'
import { exactly } from '../../support/assertions/exactly.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testDatabase, until } from '../../support/processes/database.js'
import { writeOneBlock } from '../../support/processes/keeper.js'
import {
  journalGrantedCall,
  makeRecorderParts,
  readLastEvent,
  readRecordingEvents,
  readRecordingRows,
  recordingHolds,
  startFirstRecorder,
  startTestRecorder,
} from '../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

/** How long the recorder waits for the cause once the pipes have ended, and for an unreachable PBX, ms. */
const [CAUSE_MS, PBX_MS] = [1_000, 60_000]

/** Start times, in the PBX's own format. */
const [EARLIER, LATER] = ['2026-01-01T10:00:00.000+0000', '2026-01-01T10:00:05.000+0000']

t.test(
  'a tap that ended while the PBX was unreachable is truncated if the PBX does not report its start time',
  async t => {
    const parts = await makeRecorderParts(t, database)
    const first = await startFirstRecorder(t, parts.deps)
    first.pbxBack(EARLIER)
    const { call, grants } = await journalGrantedCall(parts.journal)
    const prefix = await first.prepare(call, '100', grants)
    first.handedOver(prefix, Date.now())
    first.pbxLost()
    await writeOneBlock(prefix)
    await until(async () =>
      (await readRecordingEvents(parts, call)).some(({ type }) => type === 'recording.part-started'),
    )
    first.pbxBack()
    await first.channelGone(call)
    t.match(await readRecordingRows(parts, call), exactly({ state: 'truncated' }))
    const next = await journalGrantedCall(parts.journal)
    await first.prepare(next.call, '100', next.grants)
    const [prepared] = await readRecordingEvents(parts, next.call)
    t.notOk(prepared!.data['pbx'], 'nor is it taken for the one before')
    await first.channelGone(next.call)
    await first.stop()
  },
)

t.test('a tap is truncated if the PBX comes back with another start time', async t => {
  const parts = await makeRecorderParts(t, database)
  const first = await startFirstRecorder(t, parts.deps)
  first.pbxBack(EARLIER)
  const [heard, unheard, after] = await Promise.all([1, 2, 3].map(() => journalGrantedCall(parts.journal)))
  const prefix = await first.prepare(heard!.call, '100', heard!.grants)
  await first.prepare(unheard!.call, '100', unheard!.grants)
  await first.stop()
  const spoken = await writeOneBlock(prefix)

  const second = await startRecorder(parts.deps)
  t.teardown(() => second.stop())
  second.pbxBack(LATER)
  const last = await second.prepare(after!.call, '100', after!.grants)
  await writeOneBlock(last)
  await Promise.all([heard, unheard, after].map(one => second.channelGone(one!.call)))
  const [recording] = await readRecordingRows(parts, heard!.call)
  t.match(recording, { state: 'truncated' })
  t.ok(await recordingHolds(parts, recording!.id, spoken), 'what the keeper held is there')
  const endOf = (call: CallId) => readLastEvent(parts, call)
  t.match(await endOf(heard!.call), { type: 'recording.finished', data: { reason: 'tap-gone' } })
  t.match(await endOf(unheard!.call), { type: 'recording.failed', data: { reason: 'tap-gone' } })
  t.match(await endOf(after!.call), { type: 'recording.finished', data: { state: 'finished' } })
})

t.test('a recording whose PBX stays unreachable is truncated after the time-out', async t => {
  const parts = await makeRecorderParts(t, database)
  const timers = new FakeClock()
  let outwaits = 0
  const clock = {
    ...systemClock,
    after(ms: number, fn: () => void) {
      if (ms !== CAUSE_MS && ms !== PBX_MS) return systemClock.after(ms, fn)
      outwaits += 1
      return timers.after(ms, fn)
    },
  }
  const recorder = await startTestRecorder(t, { ...parts.deps, clock })
  const { call, grants } = await journalGrantedCall(parts.journal)
  const prefix = await recorder.prepare(call, '100', grants)
  recorder.handedOver(prefix, Date.now())
  recorder.pbxLost()
  const spoken = await writeOneBlock(prefix)
  await until(() => outwaits === 1)
  await timers.advance(PBX_MS)
  t.match(await readRecordingRows(parts, call), exactly({ state: 'recording' }), 'it may come back')
  await timers.advance(CAUSE_MS)
  await until(async () => (await readRecordingRows(parts, call))[0]?.state === 'truncated')
  const [recording] = await readRecordingRows(parts, call)
  t.ok(await recordingHolds(parts, recording!.id, spoken), 'all of it is there')
})
