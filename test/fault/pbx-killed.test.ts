// Real: everything. Asterisk is killed under its calls and started again on the same ports.
import t from 'tap'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertStoredParts,
  assertUnrecorded,
  dialAndGrant,
  dialIntoQuestion,
  firstEvent,
  shortLine,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { until } from '../support/processes/database.js'

const site = await startCallLab(t, { lines: [shortLine('301', { waitMs: 20_000 })] })
const { service, pbx } = site.lab
const inTalk = await dialAndGrant(site, '301')
await inTalk.waitForEvent('recording.part-started')
const inQuestion = await dialIntoQuestion(site, '301')
pbx.kill('SIGKILL')
const lost = until(async () => !(await service.isReady()))
await lost
for (const { caller } of [inTalk, inQuestion]) caller.losePower()
await pbx.restart()

t.test('what was recorded of the talk is kept and says that it was cut', async t => {
  const journal = await timelineAfter(inTalk, 'recording.finished')
  t.match(await inTalk.waitForEvent('call.ended'), { cause: null }, 'nobody could tell')
  t.match(journal.recordings, [{ state: 'truncated' }])
  t.match(firstEvent(journal, 'recording.finished'), { reason: 'tap-gone' })
  const { agent, seconds } = await site.open(journal.recordings[0]!.id)
  t.ok(seconds > 4, 'the first block is there')
  t.ok(isHeard(agent, site.sentence.subarray(0, 3 * SAMPLE_RATE)), 'and can be heard')
  await assertStoredParts(t, site, 1)
})

t.test('a call that was in question has failed', async t => {
  await inQuestion.waitForEvent('call.ended')
  const journal = await timelineAfter(inQuestion, 'call.decided')
  assertUnrecorded(t, journal, 'pbx-lost')
  t.notMatch(firstEvent(journal, 'call.released'), { tapped: true })
})

t.test('the service comes back by itself, and records the next call', async t => {
  await waitUntilTakesCalls(site)
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: [{ state: 'finished' }] })
  t.match(await site.verify(), { faults: [] })
})
