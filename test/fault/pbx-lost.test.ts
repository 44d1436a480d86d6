// Real: everything. Between the service and Asterisk stands a small TCP proxy, which the test cuts.
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { epochMs } from '../../lab/time.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertEventOrder,
  assertReachesAgent,
  assertStoredParts,
  assertUnrecorded,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  longLine,
  shortLine,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { NetworkProxy } from '../support/lab/network-proxy.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

const site = await startCallLab(t, {
  lines: [shortLine('301'), longLine('302'), shortLine('303', { waitMs: 20_000 })],
  service: false,
})
const { service, pbx } = site.lab
const network = await NetworkProxy.startForTest(t, pbx.ari.url)
service.overrides = { ...service.overrides, ARI_URL: network.url }
service.start()
await service.waitUntilReady()

/** What the journal says of the connection to the PBX, in order. */
async function connection(): Promise<string[]> {
  const events = await site.db
    .selectFrom('event')
    .select('type')
    .where('type', 'in', ['pbx.lost', 'pbx.restored'])
    .orderBy('id')
    .execute()
  return events.map(({ type }) => type)
}

t.test('the event socket is cut: calls in question go on at once, unrecorded', async t => {
  const [talking, inPrompt, inQuestion] = await Promise.all([
    dialAndGrant(site, '301'),
    dialIntoDisclosure(site, '302'),
    dialIntoQuestion(site, '303'),
  ])
  network.cut('events')
  const cutAt = epochMs()
  // What is pressed now cannot be heard.
  await inQuestion.caller.press('1')
  await Promise.all([inPrompt, inQuestion].map(call => assertReachesAgent(t, site, call, cutAt, 4_000)))
  const unheard = await PlacedCall.place(site, { number: '301' })
  await assertReachesAgent(t, site, unheard, undefined, 4_000)
  await talking.caller.hangup()

  network.restore()
  await waitUntilTakesCalls(site)
  for (const call of [inPrompt, inQuestion]) {
    const journal = await timelineAfter(call, 'call.released')
    assertUnrecorded(t, journal, 'pbx-lost')
    assertEventOrder(t, journal, ['call.started', 'consent.answered', 'call.decided', 'call.released'])
  }
  t.equal(await unheard.read(), undefined, 'a call that could not come in is not known')
  await until(async () => (await connection()).length === 2)
  t.strictSame(await connection(), ['pbx.lost', 'pbx.restored'])
})

t.test('a recorded call that ended meanwhile is finished, whole', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  network.cut('events')
  await call.caller.hangup()
  network.restore()
  const { recordings } = await timelineAfter(call, 'recording.finished')
  t.match(await site.open(recordings[0]!.id), { complete: true })
  await waitUntilTakesCalls(site)
})

t.test('who is being spoken to meanwhile hears all of it', async t => {
  const call = await dialAndGrant(site, '301')
  await call.waitForAgent()
  await call.caller.pressKeys('*9')
  await call.caller.heard.waitForAudio(60_000)
  network.cut('events')
  network.restore()
  const spoken = await call.waitForEvent('prompt.ended', ({ role }) => role === 'withdrawn')
  t.match(spoken, { end: 'complete' }, 'the voice is no caller who waits')
  await call.waitForEvent('recording.destroyed')
  await waitUntilTakesCalls(site)
  const strangers = await site.db
    .selectFrom('event')
    .select('id')
    .where('type', '=', 'call.unknown-line')
    .execute()
  t.strictSame(strangers, [], 'and no call')
  await call.caller.hangup()
})

t.test('no order gets through either: whoever waits goes on as soon as one does', async t => {
  const [inPrompt, inQuestion] = await Promise.all([
    dialIntoDisclosure(site, '302'),
    dialIntoQuestion(site, '303'),
  ])
  network.cut('everything')
  await pause(5_000)
  network.restore()
  const restoredAt = epochMs()
  await Promise.all([inPrompt, inQuestion].map(call => assertReachesAgent(t, site, call, restoredAt)))
  for (const call of [inPrompt, inQuestion]) {
    const journal = await timelineAfter(call, 'call.released')
    assertUnrecorded(t, journal, 'pbx-lost')
    t.equal(countEvents(journal, 'call.released'), 1, 'given back once')
  }
})

t.test(
  'a service that dies before its order got through leaves it to the next, which decides nothing anew',
  async t => {
    const call = await dialIntoQuestion(site, '303')
    network.cut('everything')
    await call.waitForEvent('call.decided')
    service.kill('SIGKILL')
    network.restore()
    await assertReachesAgent(t, site, call)
    assertUnrecorded(t, await timelineAfter(call, 'call.released'), 'pbx-lost')
  },
)

t.test('after all that, a call is asked and recorded as before', async t => {
  await waitUntilTakesCalls(site)
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: [{ state: 'finished' }] })
  await assertStoredParts(t, site, 3)
  t.match(await site.verify(), { faults: [] })
})
