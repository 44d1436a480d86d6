// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Agents park, transfer and confer. Everybody has a tone, by which the recordings are measured. All scenes run at the same time.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { toneDbfs } from '../../lab/audio/levels.js'
import { concatSamples, tone } from '../../lab/audio/signals.js'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { type Leg, SAMPLE_RATE } from '../../src/shared/audio.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { type Legs, startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const LIMIT = 60_000
/** How long somebody speaks, ms. */
const SPEECH_MS = 2_500
/** A tone counts as heard in a window of 100 ms above this level, dBFS. The tones have −20. */
const HEARD_DBFS = -40
/** A tone that fills a window is above this level, dBFS. One that fills half of it has −26. */
const WHOLE_DBFS = -23
/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 440, card: 1_010, after: 1_730, refuser: 610, stranger: 2_290, onward: 1_370 }

const { parks, retrieves, sends, takes, confers, consults } = await openPhones(
  t,
  'parks',
  'retrieves',
  'sends',
  'takes',
  'confers',
  'consults',
)

const extensions = `
exten => 811,1,Gosub(consentry,s,1)
 same =>     n,Dial(${parks.agentEndpoint},30,t)
exten => 700,1,Park()
exten => 701,1,ParkedCall(default,701)
exten => 812,1,Gosub(consentry,s,1)
 same =>     n,Dial(${sends.agentEndpoint},30,t)
exten => 830,1,Dial(${takes.agentEndpoint},30)
exten => 813,1,Gosub(consentry,s,1)
 same =>     n,Dial(${consults.agentEndpoint},30,t)
exten => 814,1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/talk@lab-agent)
exten => _81[56],1,Gosub(consentry,s,1)
 same =>     n,Goto(817,1)
exten => 817,1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>     n,ConfBridge(room)
exten => _82[12],1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/\${IF($[\${EXTEN} = 821]?823:824)}@onward,30,t)
exten => _82[34],1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/talk@lab-agent)

[onward]
exten => _X.,1,Answer()
 same =>     n,Wait(4)
 same =>     n,SendDTMF(#1,100)
 same =>     n,Wait(1)
 same =>     n,SendDTMF(\${EXTEN},100)
 same =>     n,Wait(10)
 same =>     n,Hangup()
`
const lab = await startCallLab(t, {
  extensions,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [
    ...['811', '812', '813', '814', '815', '816', '822', '823'].map(number => quickLine(number)),
    quickLine('821', { mode: 'notice' }),
    { ...quickLine('824'), mode: 'none', purposes: [] },
  ],
})
const { pbx } = lab.lab

const speak = (by: { say(samples: Int16Array): Promise<number> }, hz: number, ms = SPEECH_MS) =>
  by.say(tone([hz], ms))

/** Dials, and answers the question by a key in the disclosure; `hear` waits until the notice is over. */
async function dial(number: string, how: '1' | '2' | 'hear'): Promise<PlacedCall> {
  const placed = await PlacedCall.place(lab, { number })
  await placed.caller.waitForAnswer(LIMIT)
  if (how !== 'hear') await pressInDisclosure(how)(placed)
  await placed.waitForEvent('call.released')
  return placed
}

const pickUp = async (phone: Phone) => phone.answer(await phone.waitForRing(LIMIT))
const press = async (agent: AnsweredCall, keys: string) => {
  for (const key of keys) await agent.press(key)
}
/** Rings a phone of the company, and connects it with an application or an extension of the dialplan. */
async function connect(phone: Phone, to: string): Promise<AnsweredCall> {
  await pbx.cli(`channel originate ${phone.agentEndpoint} ${to}`)
  return pickUp(phone)
}
/** Waits until a tone has come to a phone for a fifth of a second, as no chime of the PBX does. */
async function waitForTone({ heard }: { heard: PlacedCall['caller']['heard'] }, hz: number): Promise<void> {
  const [size, end] = [SAMPLE_RATE / 5, Date.now() + LIMIT]
  for (; Date.now() < end; await sleep(50)) {
    const last = concatSamples(...heard.packets.slice(-10).map(({ samples }) => samples))
    if (last.length >= size && toneDbfs(last, hz) > WHOLE_DBFS) return
  }
  throw new Error(`a tone of ${hz} Hz does not come`)
}

/** The caller says a card number between two presses of the agent's pause keys. */
async function sayCard({ caller }: PlacedCall, agent: AnsweredCall): Promise<void> {
  await press(agent, '*7')
  await sleep(300)
  await speak(caller, HZ.card)
  await sleep(300)
  await press(agent, '*7')
  await sleep(500)
}

/** A caller is parked, and another agent retrieves the call. */
async function park(): Promise<CallTimeline> {
  const placed = await dial('811', '1')
  const first = await pickUp(parks)
  await speak(placed.caller, HZ.before)
  await press(first, '#1')
  await sleep(1_000)
  await press(first, '700')
  await first.waitForEnd(LIMIT)
  const second = await connect(retrieves, 'extension 701@from-lab')
  void speak(second, HZ.onward, 1_000)
  await waitForTone(placed.caller, HZ.onward)
  await sayCard(placed, second)
  await speak(placed.caller, HZ.after, 9_000)
  return placed.finish()
}

/** An agent consults another one, and hangs up. */
async function transfer(): Promise<CallTimeline> {
  const placed = await dial('812', '1')
  const first = await pickUp(sends)
  await speak(placed.caller, HZ.before)
  await press(first, '*3')
  await sleep(1_500)
  await press(first, '830')
  const second = await pickUp(takes)
  await sleep(500)
  await first.hangup()
  void speak(second, HZ.onward, 5_000)
  await waitForTone(placed.caller, HZ.onward)
  await sayCard(placed, second)
  await speak(placed.caller, HZ.after, 9_000)
  return placed.finish()
}

/** An agent consults on a line that asks, says yes there, and transfers a caller who has said no. */
async function consultation(): Promise<{ call: CallTimeline; heard: boolean }> {
  const placed = await dial('813', '2')
  const agent = await pickUp(consults)
  await press(agent, '*3')
  await sleep(1_500)
  await press(agent, '814')
  // Until the number is complete, the next key would belong to it.
  await sleep(3_000)
  for (let i = 0; i < 5; i++) {
    await sleep(1_000)
    await press(agent, '1')
  }
  const before = placed.caller.heard.packets.length
  await agent.hangup()
  await speak(placed.caller, HZ.refuser, 6_000)
  const heard = placed.caller.heard.packets.length > before + 100
  return { call: await placed.finish(), heard }
}

/** Into the conference of a recorded caller come one who has said no, and one whom nobody asked. */
async function conference() {
  const first = await dial('815', '1')
  const agent = await connect(confers, 'extension 817@from-lab')
  await speak(first.caller, HZ.before)
  const refuser = await dial('816', '2')
  await first.waitForEvent('call.party-joined')
  void speak(refuser.caller, HZ.refuser, 6_000)
  await waitForTone(first.caller, HZ.refuser)
  await speak(first.caller, HZ.card)
  const other = await refuser.finish()
  await first.waitForEvent('call.party-left')
  await speak(first.caller, HZ.after)
  const stranger = await PlacedCall.place(lab, { number: '817' })
  await stranger.caller.waitForAnswer(LIMIT)
  void speak(stranger.caller, HZ.stranger, 6_000)
  await waitForTone(first.caller, HZ.stranger)
  await stranger.caller.hangup()
  await first.waitForEvent('call.party-left', ({ party }) => party === null)
  await speak(first.caller, HZ.after, 6_000)
  await agent.hangup()
  return { call: await first.finish(), other }
}

/** A caller is sent on to another line. */
async function onward(number: string, how: '1' | 'hear'): Promise<CallTimeline> {
  const placed = await dial(number, how)
  await speak(placed.caller, HZ.before)
  await placed.waitForEvent('recording.paused')
  await speak(placed.caller, HZ.onward, 9_000)
  return placed.finish()
}

const [parked, transferred, consulted, conferred, asked, unrecorded] = await Promise.all([
  park(),
  transfer(),
  consultation(),
  conference(),
  onward('821', 'hear'),
  onward('822', '1'),
])

/** Where a tone is in a leg: the tenths of a second from its start, s. */
function placesOf(leg: Int16Array, hz: number): number[] {
  const window = SAMPLE_RATE / 10
  const places = Array.from({ length: Math.floor(leg.length / window) }, (_, i) => i / 10)
  return places.filter(
    s => toneDbfs(leg.subarray(s * SAMPLE_RATE, s * SAMPLE_RATE + window), hz) > HEARD_DBFS,
  )
}

/** Asserts for how long each tone is in a recording: at least so many seconds, or not at all. */
function holds(t: Test, legs: Legs, leg: Leg, seconds: Partial<Record<keyof typeof HZ, number>>): void {
  for (const [who, least] of Object.entries(seconds)) {
    const places = placesOf(legs[leg], HZ[who as keyof typeof HZ])
    if (least === 0) t.strictSame(places, [], `${who} is not heard on the ${leg}'s side`)
    else t.ok(places.length / 10 >= least, `${who} is heard on the ${leg}'s side: ${places.length / 10} s`)
  }
}

/** What paused and resumed a recording, in turn. */
const pausesOf = ({ events }: CallTimeline) =>
  events.flatMap(({ type, by }) => (/paused|resumed/.test(type) ? `${type} ${by}` : []))
const byAgent = ['recording.paused agent', 'recording.resumed agent']

for (const [how, call] of Object.entries({ parked, transferred }))
  t.test(`the keys of an agent work at once after a caller was ${how}`, async t => {
    t.strictSame(pausesOf(call), byAgent)
    const legs = await lab.open(call.recordings[0]!.id)
    holds(t, legs, 'caller', { before: 2, card: 0, after: 5 })
    holds(t, legs, 'agent', { card: 0 })
  })

t.test('the yes of an agent who consults on a line that asks records nobody', async t => {
  const { call, heard } = consulted
  t.ok(heard, 'the caller was transferred')
  t.strictSame(call.recordings, [])
  const found = await lab.db
    .selectFrom('call')
    .innerJoin('event', 'event.call_id', 'call.id')
    .where('call.line', '=', '814')
    .select(['event.type', 'event.data'])
    .orderBy('event.id')
    .execute()
  const types = found.map(({ type }) => type)
  t.notOk(
    types.some(type => /consent|recording|prompt/.test(type)),
    `nobody was asked: ${types}`,
  )
  t.match(found.find(({ type }) => type === 'call.decided')?.data, {
    decision: 'failed',
    reason: 'from-inside',
  })
})

t.test('a recording pauses while somebody is in the conference who has not agreed', async t => {
  const { call, other } = conferred
  t.strictSame(other.recordings, [])
  const byParty = ['recording.paused party', 'recording.resumed party']
  t.strictSame(pausesOf(call), [...byParty, ...byParty])
  const parties = call.events.filter(({ type }) => type.startsWith('call.party-'))
  matchEach(t, parties, [
    { type: 'call.party-joined', party: other.id, agreed: false },
    { type: 'call.party-left' },
    { type: 'call.party-joined', party: null, agreed: false },
    { type: 'call.party-left', party: null },
  ])
  const legs = await lab.open(call.recordings[0]!.id)
  holds(t, legs, 'caller', { before: 2, card: 0, after: 5, refuser: 0, stranger: 0 })
  holds(t, legs, 'agent', { refuser: 0, stranger: 0 })
})

t.test('a yes does not hold on a line that tells something else, or records nothing', async t => {
  for (const call of [asked, unrecorded]) {
    t.strictSame(pausesOf(call), ['recording.paused line'])
    t.equal(call.recordings.length, 1)
    const legs = await lab.open(call.recordings[0]!.id)
    holds(t, legs, 'caller', { before: 2, onward: 0 })
  }
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
