// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// Asterisk is killed during its calls, alone or with the service, and started again on the same ports. The keeper lives on.
import { statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import { readMetric } from '../support/assertions/alarms.js'
import { exactly } from '../support/assertions/exactly.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertStoredParts,
  assertUnrecorded,
  countEvents,
  dialAndGrant,
  dialIntoQuestion,
  firstEvent,
  shortLine,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

/** In this time Asterisk writes a block of each side, ms. A block is 4.1 s of a-law. Without a service nobody says what the keeper holds. */
const BLOCK_MS = 4_600
const BLOCK_BYTES = 32_768
/** The keeper reports once in this time how much it holds, ms. */
const PING_MS = 1_000

const site = await startCallLab(t, { lines: [shortLine('301', { waitMs: 20_000 })] })
const { service, pbx } = site.lab

/** Places a recorded call whose first block is on disk. */
async function talk(): Promise<PlacedCall> {
  const call = await dialAndGrant(site, '301')
  await call.waitForEvent('recording.part-started')
  return call
}

/** Waits until the first block of each side is on disk and the keeper holds neither. The next one comes after {@link BLOCK_MS}. */
async function keeperHoldsNothing(call: PlacedCall): Promise<void> {
  const { object } = await call.waitForEvent('recording.part-started')
  const container = site.store.locate(String(object))
  await until(() => statSync(container).size > 2 * BLOCK_BYTES)
  await pause(PING_MS)
  await until(async () => (await readMetric(site, 'consentry_keeper_held_bytes')) === 0)
}

async function killService(): Promise<void> {
  service.stopSupervising()
  service.kill('SIGKILL')
  await until(() => service.pid === undefined)
}

/** Asserts that the recording is truncated and has the beginning of the talk. */
async function isCut(t: Test, call: PlacedCall, { parts, seconds }: { parts: number; seconds: number }) {
  const journal = await timelineAfter(call, 'recording.finished')
  t.match(
    firstEvent(journal, 'recording.finished'),
    { state: 'truncated', reason: 'tap-gone' },
    'the recording is truncated',
  )
  t.match(await call.waitForEvent('call.ended'), { cause: null }, 'the cause is not known')
  t.equal(countEvents(journal, 'recording.part-started'), parts, 'parts of the recording')
  const opened = await site.open(journal.recordings[0]!.id)
  t.ok(opened.seconds > seconds, `the recording has ${opened.seconds} s`)
  t.ok(isHeard(opened.agent, site.sentence.subarray(0, 3 * SAMPLE_RATE)), 'the agent is heard')
}

// First Asterisk alone is killed.
const inTalk = await dialAndGrant(site, '301')
await inTalk.waitForEvent('recording.part-started')
const inQuestion = await dialIntoQuestion(site, '301')
pbx.kill('SIGKILL')
await until(async () => !(await service.isReady()))
for (const { caller } of [inTalk, inQuestion]) caller.losePower()
await pbx.restart()

t.test('a recording whose PBX was killed is kept and truncated', async t => {
  const journal = await timelineAfter(inTalk, 'recording.finished')
  t.match(await inTalk.waitForEvent('call.ended'), { cause: null }, 'the cause is not known')
  t.match(journal.recordings, exactly({ state: 'truncated' }))
  t.match(firstEvent(journal, 'recording.finished'), { reason: 'tap-gone' })
  const { agent, seconds } = await site.open(journal.recordings[0]!.id)
  t.ok(seconds > 4, 'the recording has the first block')
  t.ok(isHeard(agent, site.sentence.subarray(0, 3 * SAMPLE_RATE)), 'the agent is heard')
  await assertStoredParts(t, site, 1)
})

t.test('a call that was in the question has failed', async t => {
  await inQuestion.waitForEvent('call.ended')
  const journal = await timelineAfter(inQuestion, 'call.decided')
  assertUnrecorded(t, journal, 'pbx-lost')
  t.notMatch(firstEvent(journal, 'call.released'), { tapped: true })
})

t.test('the service connects again by itself, and records the next call', async t => {
  await waitUntilTakesCalls(site)
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
  t.strictSame((await site.verify()).faults, [])
})

t.test(
  'audio that the keeper held is stored in a part of its own, and the recording is truncated',
  async t => {
    const call = await talk()
    await killService()
    await pause(BLOCK_MS)
    pbx.kill('SIGKILL')
    call.caller.losePower()
    await pbx.restart()
    service.start()
    await waitUntilTakesCalls(site)
    await isCut(t, call, { parts: 2, seconds: 8 })
    await assertStoredParts(t, site, 4)
  },
)

t.test(
  'a recording of which the keeper held nothing is truncated, also if the service starts before Asterisk',
  async t => {
    const call = await talk()
    await keeperHoldsNothing(call)
    pbx.kill('SIGKILL')
    await killService()
    call.caller.losePower()
    const logged = (await service.log()).length
    service.start()
    await until(async () => (await service.log()).slice(logged).includes('the PBX cannot be reached'))
    await pbx.restart()
    await waitUntilTakesCalls(site)
    await isCut(t, call, { parts: 1, seconds: 4 })
    await assertStoredParts(t, site, 5)
  },
)

t.test('a call that is hung up while only the service is away is recorded completely', async t => {
  const call = await talk()
  await killService()
  await call.caller.hangup()
  service.start()
  await waitUntilTakesCalls(site)
  const journal = await timelineAfter(call, 'recording.finished')
  t.match(firstEvent(journal, 'recording.finished'), { state: 'finished', reason: undefined })
  t.match(await site.open(journal.recordings[0]!.id), { complete: true })
})

t.test('after these faults a call is recorded', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
  t.strictSame((await site.verify()).faults, [])
})
