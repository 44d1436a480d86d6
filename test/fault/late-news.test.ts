// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, a TCP proxy before Asterisk. Fake: none.
// What the PBX reports comes late, and the audio does not: the service stands still, or the connection stalls.
// Long only: events that are late; `fault/frozen` has a service that is late.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { tone } from '../../lab/audio/signals.js'
import type { AnsweredCall } from '../../lab/phone.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { dialAndGrant, longLine, startWithPbxAt, waitUntilTakesCalls } from '../support/lab/fault-lab.js'
import { NetworkProxy } from '../support/lab/network-proxy.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { placesOf } from '../support/lab/tones-heard.js'
import { connect, stayApart, waitUntilConnected } from '../support/situations/company.js'

/** What everybody sounds like, Hz. */
const HZ = { agreed: 830, stranger: 1_370, card: 2_290 }
/** How long nothing is heard of the PBX, ms. Asterisk writes blocks of four seconds, so one comes in this time. It is shorter than a loss. */
const LATE_MS = 4_500

/** The same, longer than the service waits for the PBX until the connection counts as lost, ms. */
const LOST_MS = 9_000

const { first, second, third, fourth, fifth } = await openPhones(
  t,
  ...(['first', 'second', 'third', 'fourth', 'fifth'] as const),
)
const site = await startCallLab(t, {
  extensions: `
exten => _30[3-7],1,Gosub(consentry,s,1)
 same =>         n,Goto(31\${EXTEN:2},1)
exten => _31[3-7],1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>         n,ConfBridge(room-\${EXTEN})
`,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: ['303', '304', '305', '306', '307'].map(number => longLine(number)),
  service: false,
})
const { service, pbx } = site.lab
const network = await NetworkProxy.startForTest(t, pbx.ari.url)
await startWithPbxAt(site, network.url)

/** A recorded caller and an agent in a conference. */
async function conference(digit: string, phone: typeof first) {
  await waitUntilTakesCalls(site)
  const call = await dialAndGrant(site, `30${digit}`)
  const agent = await connect(site, phone, `extension 31${digit}@from-lab`)
  await waitUntilConnected(agent, call.caller)
  await call.caller.say(tone([HZ.agreed], 6_000))
  return { call, agent }
}

/** Asserts that a tone is not recorded, and that the caller is, before and after it. */
async function assertWithout(t: Test, hz: number, call: PlacedCall, agent: AnsweredCall) {
  await call.caller.say(tone([HZ.agreed], 6_000))
  const { recordings, events } = await call.finish()
  await agent.hangup()
  const turns = events.flatMap(({ type, by, at }) =>
    /recording\.(paused|resumed)|party-|\.ended$/.test(type) ? [`${at} ${type} ${by ?? ''}`] : [],
  )
  t.comment(turns.join('\n'))
  const { caller, agent: other } = await site.open(recordings[0]!.id)
  t.strictSame(
    [caller, other].map(leg => placesOf(leg, hz)),
    [[], []],
  )
  t.ok(placesOf(caller, HZ.agreed).length > 30, 'the caller who agreed is recorded before and after')
}

/** Somebody whom nobody asked joins, and speaks for some time. */
async function joinAndTalk(digit: string): Promise<PlacedCall> {
  const stranger = await PlacedCall.place(site, { number: `31${digit}` })
  await stranger.caller.waitForAnswer()
  void stranger.caller.say(tone([HZ.stranger], 9_000))
  return stranger
}

/** Leaves a conference some seconds after the service has noticed. */
async function leave(stranger: PlacedCall, recorded: PlacedCall): Promise<void> {
  await recorded.waitForEvent('call.party-joined')
  await sleep(5_000)
  await stranger.caller.hangup()
  await recorded.waitForEvent('call.party-left')
  await stayApart()
}

t.test('nothing of somebody who joins while the service stands still is stored', async t => {
  const { call, agent } = await conference('3', first)
  service.kill('SIGSTOP')
  const stranger = await joinAndTalk('3')
  await sleep(LATE_MS)
  service.kill('SIGCONT')
  await leave(stranger, call)
  await assertWithout(t, HZ.stranger, call, agent)
})

t.test(
  'nothing is stored of what is said in a pause that an agent begins while the service stands still',
  async t => {
    const { call, agent } = await conference('4', second)
    service.kill('SIGSTOP')
    await press(agent, '*7')
    await sleep(300)
    void call.caller.say(tone([HZ.card], 5_000))
    await sleep(LATE_MS)
    service.kill('SIGCONT')
    await sleep(2_000)
    await press(agent, '*7')
    await call.waitForEvent('recording.resumed')
    await stayApart()
    await assertWithout(t, HZ.card, call, agent)
  },
)

for (const [how, digit, phone, ms, breaks] of [
  ['stalls', '5', third, LATE_MS, false],
  ['stalls until it counts as lost', '6', fourth, LOST_MS, false],
  ['stalls and then breaks', '7', fifth, LATE_MS, true],
] as const)
  t.test(`nothing of somebody who joins while the connection to the PBX ${how} is stored`, async t => {
    const { call, agent } = await conference(digit, phone)
    network.stall()
    const stranger = await joinAndTalk(digit)
    await sleep(ms)
    if (breaks) network.cut('everything')
    network.restore()
    await leave(stranger, call)
    await assertWithout(t, HZ.stranger, call, agent)
  })
