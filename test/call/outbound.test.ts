// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Agents call customers, and a dialler does. Everybody has a tone. All scenes run at the same time.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { encodeG711 } from '../../lab/audio/g711.js'
import { toneDbfs } from '../../lab/audio/levels.js'
import { tone } from '../../lab/audio/signals.js'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import { epochMs } from '../../lab/time.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { waitForTone } from '../support/lab/tones-heard.js'
import { END_MS, LIMIT, pickUp, waitUntilConnected } from '../support/situations/company.js'
import {
  busyShare,
  channelsLeft,
  comesTo,
  dialCustomer,
  hearWaiting,
  journalled,
  reach,
} from '../support/situations/outbound.js'
import { Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

const TALK_MS = 5_000
/**
 * RTP sequence number at which agents begin. Debian's Asterisk 22 lets a customer behind a `Local` channel hear nothing of a phone whose numbers
 * look older than those of a sound before it, also without Consentry: plain-sequence.test.ts.
 */
const FIRST_SEQUENCE = 100
/** A tone counts as heard above this level, dBFS. Those of people have −20. */
const HEARD_DBFS = -40
/** What everybody sounds like, and the music of `Dial`, Hz. */
const HZ = { customer: 1_010, agent: 610, refuser: 1_730, music: 2_290 }
/** The customers' numbers, which are dialled nowhere else. */
const CUSTOMERS = { agreed: '+79990000841', ended: '79990000842', sent: '79990000843', given: '79990000844' }
/** Those whom a dialler calls: straight, and through both kinds of `Local` channel. */
const DIALLED = { straight: '79990000845', local: '79990000846', localN: '79990000847' }
const ASKED_IN_U = '79990000848'

const phones = await openPhones(
  t,
  ...(['agrees', 'isEnded', 'isSent', 'isGivenUp', 'isAskedInU'] as const),
  ...(['isDialled', 'isLocal', 'isLocalN', 'servesDialled', 'servesLocal', 'servesLocalN'] as const),
)
const { agrees, isEnded, isSent, isGivenUp, isAskedInU, isDialled, isLocal, isLocalN } = phones

const askAndDial = (customer: string, agent: Phone) =>
  `Gosub(consentry-outbound,s,1(611,${customer}))\n same => n,Dial(${agent.endpoint})`
const lab = await startCallLab(t, {
  extensions: `
exten => 841,1,${dialCustomer(agrees, '611', CUSTOMERS.agreed)}
exten => 842,1,${dialCustomer(isEnded, '612', CUSTOMERS.ended)}
exten => 843,1,${dialCustomer(isSent, '613', CUSTOMERS.sent)}
exten => 844,1,${dialCustomer(isGivenUp, '611', CUSTOMERS.given)}
exten => 845,1,${askAndDial(DIALLED.straight, phones.servesDialled)}
exten => 846,1,${askAndDial(DIALLED.local, phones.servesLocal)}
exten => 847,1,${askAndDial(DIALLED.localN, phones.servesLocalN)}
exten => 848,1,Dial(${isAskedInU.endpoint},30,m(waiting)U(consentry-outbound^611^${ASKED_IN_U}))
exten => 856,1,Dial(${isLocal.endpoint})
exten => 857,1,Dial(${isLocalN.endpoint})

[sent-on]
; The agent has gone by then.
exten => s,1,Wait(6)
 same => n,Dial(Local/talk@lab-agent)
`,
  lines: [
    quickLine('611', { waitMs: 20_000 }),
    quickLine('612', { onRefused: { do: 'hangup' }, waitMs: 20_000 }),
    quickLine('613', {
      onRefused: { do: 'transfer', context: 'sent-on', extension: 's', priority: 1 },
      waitMs: 20_000,
    }),
  ],
})
const { pbx } = lab.lab
const music = join(pbx.dir, 'music')
await mkdir(music)
await writeFile(join(music, 'tone.alaw'), encodeG711(tone([HZ.music], 10_000), 'alaw'))
await writeFile(join(pbx.dir, 'etc', 'musiconhold.conf'), `[waiting]\nmode = files\ndirectory = ${music}\n`)
await pbx.cli('moh reload')

/** An agent dials, and the customer answers and is asked. @param number what the agent dials */
async function call(phone: Phone, number: string, customer: string) {
  const { agent, answered } = await reach(lab, phone, number, customer)
  await agent.waitForEvent('consent.asked')
  return { placed: agent, answered }
}

/** The two talk with each other, and the customer hangs up. */
async function talk(said: Said, customer: AnsweredCall, agent: PlacedCall['caller'] | AnsweredCall) {
  await Promise.all([waitUntilConnected(agent, customer), waitUntilConnected(customer, agent)])
  await Promise.all([said.by(agent, 'agent', TALK_MS), said.by(customer, 'customer', TALK_MS)])
  await sleep(END_MS)
  await customer.hangup()
}

/** @param phone the customer's @param number what the agent dials @param wait what the agent hears in the question */
async function agreed<T>(
  phone: Phone,
  number: string,
  customer: string,
  wait: (agent: PlacedCall['caller']) => Promise<T>,
) {
  const { placed, answered } = await call(phone, number, customer)
  const { caller: agent } = placed
  const said = new Said(HZ, answered)
  const waited = await wait(agent)
  const wasAnswered = agent.answeredAt !== undefined
  await answered.press('1')
  await placed.waitForEvent('call.released')
  await talk(said, answered, agent)
  await agent.waitForEnd(LIMIT)
  return { call: await placed.finish(), said, waited, wasAnswered, agent }
}

/** The customer refuses. @returns whether the customer has gone or is served elsewhere, and what the first agent heard at the end */
async function refused(phone: Phone, number: string, customer: string) {
  const { placed, answered } = await call(phone, number, customer)
  await answered.press('2')
  await placed.caller.waitForEnd(LIMIT)
  const busy = busyShare(placed.caller)
  const served = !answered.end && (await waitUntilHeard(answered.heard, lab.sentence, LIMIT))
  const gone = answered.end !== undefined
  const said = new Said(HZ, answered)
  if (!gone) {
    await said.by(answered, 'refuser')
    await answered.hangup()
  }
  return { call: await placed.finish(), said, gone, served, busy }
}

async function givenUp() {
  const { placed, answered } = await call(isGivenUp, '844', CUSTOMERS.given)
  await placed.caller.hangup()
  await answered.waitForEnd(LIMIT)
  return placed.finish()
}

/** A dialler calls the customer first. @param to what it dials, which rings the customer's phone */
async function dialled(phone: Phone, to: string, agent: Phone, customer: string) {
  await pbx.cli(`channel originate ${to} extension ${customer.slice(-3)}@from-lab`)
  const answered = await pickUp(phone)
  const said = new Said(HZ, answered)
  await journalled(lab, customer, 'consent.asked')
  await answered.press('1')
  await journalled(lab, customer, 'call.released')
  await talk(said, answered, await pickUp(agent, FIRST_SEQUENCE))
  return { call: await journalled(lab, customer, 'recording.finished'), said }
}

const [spoken, inU, hungUp, sentOn, abandoned, straight, local, localN] = await Promise.all([
  agreed(agrees, '841', CUSTOMERS.agreed, agent => hearWaiting(agent, epochMs())),
  agreed(isAskedInU, '848', ASKED_IN_U, agent => waitForTone(agent, HZ.music, LIMIT)),
  refused(isEnded, '842', CUSTOMERS.ended),
  refused(isSent, '843', CUSTOMERS.sent),
  givenUp(),
  dialled(isDialled, isDialled.endpoint, phones.servesDialled, DIALLED.straight),
  dialled(isLocal, 'Local/856@from-lab', phones.servesLocal, DIALLED.local),
  dialled(isLocalN, 'Local/857@from-lab/n', phones.servesLocalN, DIALLED.localN),
])

const started = ({ events }: CallTimeline) => events.find(({ type }) => type === 'call.started')
const decisionOf = ({ events }: CallTimeline) =>
  events.find(({ type }) => type === 'call.decided')?.['decision']

for (const [title, { call, said }] of Object.entries({
  'outbound by Dial with G': spoken,
  'outbound by Dial with U': inU,
  'outbound by originate': straight,
  'outbound by originate, through Local': local,
  'outbound by originate, through Local with /n': localN,
}))
  situation(t, lab, title, { call, said, asked: 1, allowed: ['both sides'] })
situation(t, lab, 'outbound, refused: the customer is sent elsewhere', {
  ...sentOn,
  asked: 1,
  allowed: ['nothing'],
  unagreed: ['refuser'],
})

t.test('customers are found by their own numbers, and asked before an agent is there', async t => {
  for (const { call } of [spoken, inU, straight, local, localN]) {
    t.match(started(call), { outbound: true, line: '611' })
    t.equal(decisionOf(call), 'granted')
  }
})

t.test(
  'while the customer is asked, an agent who dialled hears a short tone every three seconds',
  async t => {
    t.ok(spoken.wasAnswered, 'so the agent’s phone does not ring')
    t.equal(spoken.waited.length, 3)
    for (const [i, { from, ms }] of spoken.waited.entries()) {
      t.ok(ms <= 250, `the tone lasts for ${ms} ms`)
      const since = from - (spoken.waited[i - 1]?.from ?? from - 3_000)
      t.ok(Math.abs(since - 3_000) <= 250, `${since} ms after the one before`)
    }
  },
)

t.test('within U an agent hears the music of Dial until the customer has answered the question', async t => {
  t.notOk(inU.wasAnswered, 'before, the agent’s phone is not answered')
  const talked = inU.agent.heard.samples(Date.parse(inU.call.endedAt!) - TALK_MS / 2)
  t.ok(talked.length > 0 && toneDbfs(talked, HZ.music) < HEARD_DBFS, 'the music has ended')
})

t.test('a refusal that ends the call, or sends the customer elsewhere, leaves no agent behind', async t => {
  for (const { call, busy } of [hungUp, sentOn]) {
    t.ok(busy > 0.3, `the agent hears a busy tone: ${busy} of two seconds`)
    t.equal(decisionOf(call), 'refused')
    t.strictSame(call.recordings, [])
  }
  t.ok(hungUp.gone, 'the customer has gone')
  t.ok(sentOn.served, 'this customer is served elsewhere, after the agent has gone')
})

t.test('an agent who gives up ends the question', async t => {
  t.equal(decisionOf(abandoned), 'abandoned')
  t.strictSame(abandoned.recordings, [])
})

t.test('without the service, customer and agent talk at once, unrecorded', async t => {
  await lab.lab.service.stop()
  const { agent, answered } = await reach(lab, agrees, '841', CUSTOMERS.agreed)
  void answered.say(tone([HZ.customer], 30_000))
  t.ok(await comesTo(agent.caller, HZ.customer))
  await agent.caller.hangup()
  await answered.waitForEnd(LIMIT)
})

t.test('no channel is left', async t => {
  t.equal(await channelsLeft(lab), '0 active channels')
  t.strictSame((await lab.verify()).faults, [])
})
