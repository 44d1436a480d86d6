// Real: everything. Asterisk and the service are killed under one call, the keeper lives; both are started again.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  assertStoredParts,
  countEvents,
  dialAndGrant,
  firstEvent,
  shortLine,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

/** In so much time Asterisk writes a block of each side, ms: 4.1 s of a-law. */
const BLOCK_MS = 4_600

const site = await startCallLab(t, { lines: [shortLine('301')] })
const { service, pbx } = site.lab

/** A recorded call of which the first block is on disk. */
async function talk(): Promise<PlacedCall> {
  const call = await dialAndGrant(site, '301')
  await call.waitForEvent('recording.part-started')
  return call
}

async function killService(): Promise<void> {
  service.stopSupervising()
  service.kill('SIGKILL')
  await until(() => service.pid === undefined)
}

/** Asserts that the recording says that it was cut, and holds the beginning of the talk. */
async function isCut(t: Test, call: PlacedCall, { parts, seconds }: { parts: number; seconds: number }) {
  const journal = await timelineAfter(call, 'recording.finished')
  t.match(firstEvent(journal, 'recording.finished'), { state: 'truncated', reason: 'tap-gone' }, 'it was cut')
  t.match(await call.waitForEvent('call.ended'), { cause: null }, 'nobody could tell')
  t.equal(countEvents(journal, 'recording.part-started'), parts, 'parts of the recording')
  const opened = await site.open(journal.recordings[0]!.id)
  t.ok(opened.seconds > seconds, `${opened.seconds} s are there`)
  t.ok(isHeard(opened.agent, site.sentence.subarray(0, 3 * SAMPLE_RATE)), 'and can be heard')
}

t.test(
  'what the keeper held is kept in a part of its own, and the recording says that it was cut',
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
    await assertStoredParts(t, site, 2)
  },
)

t.test('so does one of which the keeper held nothing, whichever of both comes back first', async t => {
  const call = await talk()
  pbx.kill('SIGKILL')
  await killService()
  call.caller.losePower()
  service.start()
  await until(async () => (await service.log()).includes('the PBX cannot be reached'))
  await pbx.restart()
  await waitUntilTakesCalls(site)
  await isCut(t, call, { parts: 1, seconds: 4 })
  await assertStoredParts(t, site, 3)
})

t.test('a call that is hung up while only the service is away is whole', async t => {
  const call = await talk()
  await killService()
  await call.caller.hangup()
  service.start()
  await waitUntilTakesCalls(site)
  const journal = await timelineAfter(call, 'recording.finished')
  t.match(firstEvent(journal, 'recording.finished'), { state: 'finished', reason: undefined })
  t.match(await site.open(journal.recordings[0]!.id), { complete: true })
})

t.test('after all that, a call is recorded as before', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: [{ state: 'finished' }] })
  t.match(await site.verify(), { faults: [] })
})
