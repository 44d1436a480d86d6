// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Agents call customers, and a dialler does. Everybody has a tone. All scenes run at the same time.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { toneDbfs } from '../../lab/audio/levels.js'
import { concatSamples, tone } from '../../lab/audio/signals.js'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import { type CallTimeline, listCalls, readCall } from '../../src/journal/read/timeline.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import type { EventType } from '../../src/shared/events.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const LIMIT = 60_000
const SPEECH_MS = 2_000
/** A tone counts as heard above this level, dBFS. Those of people have −20. */
const HEARD_DBFS = -40
/** What everybody sounds like, and the tone that an agent hears who waits, Hz. */
const HZ = { customer: 1_010, agent: 610, waiting: 425 }
/** The customers' numbers, which are dialled nowhere else. */
const CUSTOMERS = { agreed: '+79990000841', ended: '79990000842', sent: '79990000843', given: '79990000844' }
const DIALLED = '79990000845'

const { agrees, isEnded, isSent, isGivenUp, isDialled } = await openPhones(
  t,
  ...(['agrees', 'isEnded', 'isSent', 'isGivenUp', 'isDialled'] as const),
)

const dial = (phone: Phone, line: string, customer: string) =>
  `Dial(${phone.endpoint},30,G(consentry-outbound^${line}_${customer}^1))\n same => n,Hangup()`
const lab = await startCallLab(t, {
  extensions: `
exten => 841,1,${dial(agrees, '611', CUSTOMERS.agreed)}
exten => 842,1,${dial(isEnded, '612', CUSTOMERS.ended)}
exten => 843,1,${dial(isSent, '613', CUSTOMERS.sent)}
exten => 844,1,${dial(isGivenUp, '611', CUSTOMERS.given)}
exten => 845,1,Gosub(consentry-outbound,s,1(611,${DIALLED}))
 same =>     n,Dial(Local/talk@lab-agent)

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

/** Waits until the journal has an event of this type of a customer's call. @returns all of that call */
async function journalled(customer: string, type: EventType): Promise<CallTimeline> {
  const locate = (name: string) => lab.store.locate(name)
  for (const end = Date.now() + LIMIT; Date.now() < end; await sleep(200)) {
    const [found] = await listCalls(lab.db, locate, { caller: customer })
    const read = found && (await readCall(lab.db, locate, found.id))
    if (read?.events.some(event => event.type === type)) return read
  }
  throw new Error(`the journal has no ${type}`)
}

/** An agent dials, and the customer answers and is asked. */
async function call(phone: Phone, number: string, customer: string) {
  const placed = await PlacedCall.place(lab, { number }, { caller: customer })
  const answered = await phone.answer(await phone.waitForRing(LIMIT))
  await placed.waitForEvent('consent.asked')
  return { placed, answered }
}

const levelOf = ({ heard }: { heard: AnsweredCall['heard'] }, hz: number): number =>
  Math.max(
    ...heard.packets.map((_, i, all) => {
      const part = concatSamples(...all.slice(i, i + 5).map(({ samples }) => samples))
      return part.length < SAMPLE_RATE / 10 ? -100 : toneDbfs(part, hz)
    }),
  )
/** The share of a sound that is tone, in windows of 100 ms. A waiting agent hears a tone for a twentieth of the time. */
const toneShare = (packets: AnsweredCall['heard']['packets']): number => {
  const windows = Array.from({ length: Math.floor(packets.length / 5) }, (_, i) =>
    concatSamples(...packets.slice(i * 5, i * 5 + 5).map(({ samples }) => samples)),
  )
  return windows.filter(one => toneDbfs(one, HZ.waiting) > HEARD_DBFS).length / windows.length
}
const isWith = async (who: { heard: AnsweredCall['heard'] }, hz: number) => {
  for (const end = Date.now() + LIMIT; Date.now() < end; await sleep(100))
    if (levelOf(who, hz) > HEARD_DBFS) return true
  return false
}

async function agreed() {
  const { placed, answered } = await call(agrees, '841', CUSTOMERS.agreed)
  const waited = levelOf(placed.caller, HZ.waiting) > HEARD_DBFS
  await answered.press('1')
  await placed.waitForEvent('call.released')
  void placed.caller.say(tone([HZ.agent], 8_000))
  void answered.say(tone([HZ.customer], 8_000))
  const talked = (await isWith(answered, HZ.agent)) && (await isWith(placed.caller, HZ.customer))
  await sleep(SPEECH_MS + 5_000)
  await answered.hangup()
  await placed.caller.waitForEnd(LIMIT)
  return { call: await placed.finish(), waited, talked }
}

/** The customer refuses. @returns whether the customer has gone or is served elsewhere, and what the first agent heard at the end */
async function refused(phone: Phone, number: string, customer: string) {
  const { placed, answered } = await call(phone, number, customer)
  await answered.press('2')
  await placed.caller.waitForEnd(LIMIT)
  const busy = toneShare(placed.caller.heard.packets.slice(-100))
  const served = !answered.end && (await waitUntilHeard(answered.heard, lab.sentence, LIMIT))
  const gone = answered.end !== undefined
  if (!gone) await answered.hangup()
  return { call: await placed.finish(), gone, served, busy }
}

async function givenUp() {
  const { placed, answered } = await call(isGivenUp, '844', CUSTOMERS.given)
  await placed.caller.hangup()
  await answered.waitForEnd(LIMIT)
  return placed.finish()
}

/** A dialler calls the customer first. */
async function dialled() {
  await pbx.cli(`channel originate ${isDialled.endpoint} extension 845@from-lab`)
  const answered = await isDialled.answer(await isDialled.waitForRing(LIMIT))
  await journalled(DIALLED, 'consent.asked')
  await answered.press('1')
  await journalled(DIALLED, 'call.released')
  const served = await waitUntilHeard(answered.heard, lab.sentence, LIMIT)
  await answered.say(tone([HZ.customer], 5_000))
  await answered.hangup()
  return { call: await journalled(DIALLED, 'recording.finished'), served }
}

const [spoken, hungUp, sentOn, abandoned, predicted] = await Promise.all([
  agreed(),
  refused(isEnded, '842', CUSTOMERS.ended),
  refused(isSent, '843', CUSTOMERS.sent),
  givenUp(),
  dialled(),
])

const started = ({ events }: CallTimeline) => events.find(({ type }) => type === 'call.started')
const decisionOf = ({ events }: CallTimeline) =>
  events.find(({ type }) => type === 'call.decided')?.['decision']

t.test('a customer who agrees is recorded, and found by the customer’s own number', async t => {
  const { call, waited, talked } = spoken
  t.ok(waited, 'the agent hears a tone while the customer is asked')
  t.ok(talked, 'then they hear each other')
  t.match(started(call), { outbound: true, line: '611' })
  t.equal(decisionOf(call), 'granted')
  const legs = await lab.open(call.recordings[0]!.id)
  t.ok(toneDbfs(legs.caller, HZ.customer) > HEARD_DBFS, 'the customer')
  t.ok(toneDbfs(legs.agent, HZ.agent) > HEARD_DBFS, 'the agent')
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

t.test('a customer whom a dialler called is asked before an agent is there', async t => {
  t.match(started(predicted.call), { outbound: true })
  t.equal(decisionOf(predicted.call), 'granted')
  t.ok(predicted.served, 'the agent is connected')
  t.equal(predicted.call.recordings.length, 1)
})

t.test('without the service, customer and agent talk at once, unrecorded', async t => {
  await lab.lab.service.stop()
  const placed = await PlacedCall.place(lab, { number: '841' })
  const answered = await agrees.answer(await agrees.waitForRing(LIMIT))
  void answered.say(tone([HZ.customer], 30_000))
  t.ok(await isWith(placed.caller, HZ.customer))
  await placed.caller.hangup()
  await answered.waitForEnd(LIMIT)
})

t.test('no channel is left', async t => {
  for (const end = Date.now() + LIMIT; Date.now() < end; await sleep(500))
    if (/^0 active channels/m.test(await pbx.cli('core show channels count'))) break
  t.match(await pbx.cli('core show channels count'), /^0 active channels/m)
  t.strictSame((await lab.verify()).faults, [])
})
