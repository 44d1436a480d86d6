// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, a TCP proxy before Asterisk. Fake: none.
// The test cuts the connections at the proxy.
// Long only: a cut at each stage; `fault/pbx-killed` has one while a call is recorded.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { tone } from '../../lab/audio/signals.js'
import { epochMs } from '../../lab/time.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import {
  assertEventOrder,
  assertReachesAgent,
  assertUnrecorded,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  longLine,
  shortLine,
  startWithPbxAt,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { NetworkProxy } from '../support/lab/network-proxy.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { placesOf } from '../support/lab/tones-heard.js'
import { until } from '../support/processes/database.js'

/** How long no order reaches the PBX, ms. */
const CUT_MS = 5_000
const TOKEN = 'a-token-of-the-fault-test'
/** What callers sound like in the conference, Hz. */
const HZ = { agreed: 830, refuser: 1_370 }

const site = await startCallLab(t, {
  extensions: `
exten => _30[45],1,Gosub(consentry,s,1)
 same =>         n,Set(CONFBRIDGE(user,quiet)=yes)
 same =>         n,ConfBridge(room)
`,
  env: { CONSENTRY_API_TOKEN: TOKEN, CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [
    ...[shortLine('301'), longLine('302'), shortLine('303', { waitMs: 20_000 })],
    ...[longLine('304', { pauseMaxMs: 3_000 }), longLine('305')],
  ],
  service: false,
})
const { service, pbx } = site.lab
const network = await NetworkProxy.startForTest(t, pbx.ari.url)
await startWithPbxAt(site, network.url)

/** The journal's events about the connection to the PBX, in order. */
async function connection(): Promise<string[]> {
  const events = await site.db
    .selectFrom('event')
    .select('type')
    .where('type', 'in', ['pbx.lost', 'pbx.restored'])
    .orderBy('id')
    .execute()
  return events.map(({ type }) => type)
}

t.test('calls in the question go on at once, unrecorded, when the event socket is cut', async t => {
  const [talking, inPrompt, inQuestion] = await Promise.all([
    dialAndGrant(site, '301'),
    dialIntoDisclosure(site, '302'),
    dialIntoQuestion(site, '303'),
  ])
  network.cut('events')
  const cutAt = epochMs()
  // The service does not hear this key.
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
  await unheard.waitForEvent('call.released')
  t.match(
    await unheard.read(),
    { decision: 'failed', recordings: [] },
    'a call that could not enter the application passed unasked',
  )
  await until(async () => (await connection()).length === 2)
  t.strictSame(await connection(), ['pbx.lost', 'pbx.restored'])
})

t.test('a recorded call that ends during the cut is recorded completely', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  network.cut('events')
  await call.caller.hangup()
  network.restore()
  const { recordings } = await timelineAfter(call, 'recording.finished')
  t.match(await site.open(recordings[0]!.id), { complete: true })
  await waitUntilTakesCalls(site)
})

t.test('a caller hears the confirmation of a withdrawal to its end during a cut', async t => {
  const call = await dialAndGrant(site, '301')
  await call.waitForAgent()
  await call.caller.pressKeys('*9')
  await call.caller.heard.waitForAudio(60_000)
  network.cut('events')
  network.restore()
  const spoken = await call.waitForEvent('prompt.ended', ({ role }) => role === 'withdrawn')
  t.match(spoken, { end: 'complete' }, 'the whisper channel is not treated as a caller')
  await call.waitForEvent('recording.destroyed')
  await waitUntilTakesCalls(site)
  const strangers = await site.db
    .selectFrom('event')
    .select('id')
    .where('type', '=', 'call.unknown-line')
    .execute()
  t.strictSame(strangers, [], 'the whisper channel is not treated as a call')
  await call.caller.hangup()
})

t.test(
  'a question in the conversation ends with the connection, and the key after it is never a yes',
  async t => {
    const call = await PlacedCall.place(site, { number: '303' })
    await call.caller.waitForAnswer()
    await pressInDisclosure('2')(call)
    await call.waitForAgent()
    const { id } = (await call.read())!
    const headers = { authorization: `Bearer ${TOKEN}` }
    const ask = () => fetch(`${site.lab.ready.http}/api/calls/${id}/ask`, { method: 'POST', headers })
    t.match(await ask(), { status: 200 })
    await call.waitForEvent('consent.asked', ({ inConversation }) => inConversation === true)
    network.cut('events')
    await call.waitForEvent('consent.answered', ({ answer }) => answer === 'failed')
    await call.caller.press('1')
    network.restore()
    await waitUntilTakesCalls(site)
    await call.caller.press('1')
    await call.caller.say(tone([HZ.refuser], 3_000))
    const { recordings, decision, events } = await call.finish()
    t.equal(decision, 'refused')
    t.strictSame(recordings, [])
    const answers = events.flatMap(({ type, answer }) => (type === 'consent.answered' ? [answer] : []))
    t.strictSame(answers, ['refused', 'failed'])
  },
)

t.test('callers go on as soon as orders reach the PBX again', async t => {
  const [inPrompt, inQuestion] = await Promise.all([
    dialIntoDisclosure(site, '302'),
    dialIntoQuestion(site, '303'),
  ])
  network.cut('everything')
  await pause(CUT_MS)
  network.restore()
  const restoredAt = epochMs()
  await Promise.all([inPrompt, inQuestion].map(call => assertReachesAgent(t, site, call, restoredAt)))
  for (const call of [inPrompt, inQuestion]) {
    const journal = await timelineAfter(call, 'call.released')
    assertUnrecorded(t, journal, 'pbx-lost')
    t.equal(countEvents(journal, 'call.released'), 1, 'returned to the dialplan once')
  }
})

t.test(
  'a service that dies before its order reached the PBX leaves the call to the next one, which does not decide again',
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

t.test(
  'beside somebody who refused a recording stays paused, although the pause ends before a new service has reached the PBX',
  async t => {
    const call = await dialAndGrant(site, '304')
    await call.caller.say(tone([HZ.agreed], 6_000))
    await call.waitForEvent('recording.part-started')
    const refuser = await dialIntoDisclosure(site, '305')
    await refuser.caller.press('2')
    await call.waitForEvent('recording.paused')
    const { id } = (await call.read())!
    const headers = { authorization: `Bearer ${TOKEN}` }
    const url = `${site.lab.ready.http}/api/calls/${id}/pause`
    t.match(await fetch(url, { method: 'POST', headers }), { status: 200 })
    service.stopSupervising()
    service.kill('SIGKILL')
    network.cut('everything')
    service.start()
    await call.waitForEvent('recording.resumed', ({ by }) => by === 'timeout')
    // Asterisk writes blocks of four seconds.
    await refuser.caller.say(tone([HZ.refuser], 9_000))
    const restoredAt = epochMs()
    network.restore()
    await call.waitForEvent('call.party-joined', ({ at }) => Date.parse(at) > restoredAt)
    await assertLeftOut(t, refuser, call, [
      ...['paused party', 'resumed party', 'paused api'],
      ...['resumed timeout', 'paused party', 'resumed party'],
    ])
  },
)

/** A recorded caller in the conference, whose first block is on disk. */
async function talkInConference(): Promise<PlacedCall> {
  const call = await dialAndGrant(site, '304')
  await call.caller.say(tone([HZ.agreed], 6_000))
  await call.waitForEvent('recording.part-started')
  return call
}

/** Somebody whom nobody asks, because the service is away, joins the conference and talks. Asterisk writes blocks of four seconds. */
async function joinAndTalk(): Promise<PlacedCall> {
  const stranger = await PlacedCall.place(site, { number: '305' })
  await stranger.caller.say(tone([HZ.refuser], 10_000))
  return stranger
}

/**
 * Somebody who had not agreed leaves, and the caller talks on. Asserts that nothing of that person is recorded.
 *
 * @param turns what ended and began the recording, in turn
 */
async function assertLeftOut(t: Test, other: PlacedCall, call: PlacedCall, turns: string[]): Promise<void> {
  await other.caller.hangup()
  await call.waitForEvent('call.party-left')
  await pause(1_000)
  await call.caller.say(tone([HZ.agreed], 6_000))
  const { recordings, events } = await call.finish()
  const found = events.flatMap(({ type, by }) =>
    /^recording\.(paused|resumed)$/.test(type) ? `${type.slice(10)} ${by}` : [],
  )
  t.strictSame(found, turns)
  t.match(recordings, exactly({ state: 'finished' }))
  const { caller, agent } = await site.open(recordings[0]!.id)
  t.strictSame(
    [caller, agent].flatMap(leg => placesOf(leg, HZ.refuser)),
    [],
  )
  t.ok(placesOf(caller, HZ.agreed).length > 30, 'the caller who agreed is recorded before and after')
}

/** As {@link assertLeftOut}, of somebody of whom the PBX tells only now. */
async function assertNothingOf(t: Test, stranger: PlacedCall, call: PlacedCall): Promise<void> {
  await call.waitForEvent('call.party-joined')
  await assertLeftOut(t, stranger, call, ['paused party', 'resumed party'])
}

t.test('nothing of somebody who joins while the service is away is stored by the next one', async t => {
  const call = await talkInConference()
  service.stopSupervising()
  service.kill('SIGKILL')
  await until(() => service.pid === undefined)
  const stranger = await joinAndTalk()
  service.start()
  await assertNothingOf(t, stranger, call)
})

t.test('nothing of somebody who joins while the PBX is not heard is stored', async t => {
  await waitUntilTakesCalls(site)
  const call = await talkInConference()
  network.cut('events')
  await call.caller.say(tone([HZ.agreed], 6_000))
  network.restore()
  await waitUntilTakesCalls(site)
  network.cut('events')
  const stranger = await joinAndTalk()
  network.restore()
  await assertNothingOf(t, stranger, call)
})

t.test('after these faults a call is asked and recorded', async t => {
  await waitUntilTakesCalls(site)
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
  // How many parts there are depends on whether a caller still talks when the next service continues. One recording is destroyed.
  const parts = await site.db
    .selectFrom('part')
    .innerJoin('recording', 'recording.id', 'part.recording_id')
    .where('recording.state', '!=', 'destroyed')
    .select('part.object')
    .execute()
  const { containers, keys } = await storedFiles(site)
  t.strictSame(containers, parts.map(({ object }) => site.store.locate(object)).sort(), 'each is of a yes')
  t.equal(keys.length, parts.length, 'no key file but those of a yes')
  t.strictSame((await site.verify()).faults, [])
})
