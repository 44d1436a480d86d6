// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Agents park, transfer and confer. Everybody has a tone, by which the recordings are measured. All scenes run at the same time.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { tone } from '../../lab/audio/signals.js'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press, pressInDisclosure } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { assertTones, placesOf, waitForTone } from '../support/lab/tones-heard.js'

const LIMIT = 60_000
/** How long somebody speaks, ms. */
const SPEECH_MS = 2_500
/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 440, card: 1_010, after: 1_730, refuser: 610, stranger: 2_290, onward: 1_370 }

const { parks, retrieves, sends, takes, confers, joins, consults } = await openPhones(
  t,
  'parks',
  'retrieves',
  'sends',
  'takes',
  'confers',
  'joins',
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
exten => _8[12][56],1,Gosub(consentry,s,1)
 same =>     n,Goto(\${EXTEN:0:2}7,1)
exten => _8[12]7,1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>     n,ConfBridge(room-\${EXTEN})
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
    ...['811', '812', '813', '814', '815', '816', '822', '823', '826'].map(number => quickLine(number)),
    quickLine('825', { onOutsider: 'own-side' }),
    quickLine('821', { mode: 'notice' }),
    { ...quickLine('824'), mode: 'none', purposes: [] },
  ],
})

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
/** Rings a phone of the company, and connects it with an application or an extension of the dialplan. */
async function connect(phone: Phone, to: string): Promise<AnsweredCall> {
  await lab.lab.pbx.cli(`channel originate ${phone.agentEndpoint} ${to}`)
  return pickUp(phone)
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
  await waitForTone(placed.caller, HZ.onward, LIMIT)
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
  await waitForTone(placed.caller, HZ.onward, LIMIT)
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

/**
 * Into the conference of a recorded caller come one who has said no, and one whom nobody asked.
 *
 * @param tens of the numbers of its lines
 */
async function conference(phone: Phone, tens: '81' | '82') {
  const first = await dial(`${tens}5`, '1')
  const agent = await connect(phone, `extension ${tens}7@from-lab`)
  await speak(first.caller, HZ.before)
  const refuser = await dial(`${tens}6`, '2')
  await first.waitForEvent('call.party-joined')
  void speak(refuser.caller, HZ.refuser, 6_000)
  await waitForTone(first.caller, HZ.refuser, LIMIT)
  await speak(first.caller, HZ.card)
  const other = await refuser.finish()
  await first.waitForEvent('call.party-left')
  await speak(first.caller, HZ.after)
  const stranger = await PlacedCall.place(lab, { number: `${tens}7` })
  await stranger.caller.waitForAnswer(LIMIT)
  void speak(stranger.caller, HZ.stranger, 6_000)
  await waitForTone(first.caller, HZ.stranger, LIMIT)
  await stranger.caller.hangup()
  await first.waitForEvent('call.party-left', ({ party }) => party === null)
  void speak(agent, HZ.onward, 4_000)
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

const [parked, transferred, consulted, conferred, ownSide, asked, unrecorded] = await Promise.all([
  park(),
  transfer(),
  consultation(),
  conference(confers, '81'),
  conference(joins, '82'),
  onward('821', 'hear'),
  onward('822', '1'),
])

const holds = assertTones(HZ)

/** What paused and resumed a recording, in turn. */
const pausesOf = ({ events }: CallTimeline) =>
  events.flatMap(({ type, by }) => (/paused|resumed/.test(type) ? `${type} ${by}` : []))

for (const [how, call] of Object.entries({ parked, transferred }))
  t.test(`the keys of an agent work at once after a caller was ${how}`, async t => {
    t.strictSame(pausesOf(call), ['recording.paused agent', 'recording.resumed agent'])
    const legs = await lab.open(call.recordings[0]!.id)
    holds(t, legs, 'caller', { before: 2, card: 0, after: 5 })
    holds(t, legs, 'agent', { card: 0 })
  })

t.test('the journal has which phones of the company talk with a caller, and who holds', async t => {
  const told = parked.events.flatMap(({ type, agent: a }) => (typeof a === 'string' ? `${type} ${a}` : []))
  const turns = ['agent-joined', 'hold-began', 'hold-ended', 'agent-left', 'agent-joined']
  const wanted = turns.map(what => `call.${what} PJSIP/agent`)
  t.strictSame(told.slice(0, turns.length), wanted)
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
  const byParty = ['recording.paused party', 'recording.resumed party']
  t.strictSame([other.recordings, pausesOf(call)], [[], [...byParty, ...byParty]])
  const parties = call.events.filter(({ type }) => type.startsWith('call.party-'))
  matchEach(t, parties, [
    { type: 'call.party-joined', party: other.id, agreed: false },
    { type: 'call.party-left' },
    { type: 'call.party-joined', party: null, agreed: false },
    { type: 'call.party-left', party: null },
  ])
  const legs = await lab.open(call.recordings[0]!.id)
  holds(t, legs, 'caller', { before: 2, card: 0, after: 5, refuser: 0, stranger: 0 })
  holds(t, legs, 'agent', { refuser: 0, stranger: 0, onward: 2 })
})

t.test('where the line says so, the caller alone is recorded beside somebody who has not agreed', async t => {
  const { call, other } = ownSide
  t.strictSame([other.recordings, pausesOf(call)], [[], []])
  const sides = call.events.filter(({ type }) => /muted$/.test(type))
  const wanted = ['muted', 'unmuted', 'muted', 'unmuted'].map(type => ({ type: `recording.${type}` }))
  matchEach(t, sides, wanted)
  const { id, ownSideSeconds } = call.recordings[0]!
  t.ok(ownSideSeconds! > 1, `${ownSideSeconds} s of it are one side alone`)
  const legs = await lab.open(id)
  holds(t, legs, 'caller', { before: 2, after: 5, refuser: 0, stranger: 0, onward: 0 })
  holds(t, legs, 'agent', { refuser: 0, stranger: 0, onward: 2 })
  const said = placesOf(legs.caller, HZ.card).length / 10
  const lost = call.events.filter(
    ({ type, leg, at }) =>
      type === 'recording.gap' && leg === 'caller' && at > sides[0]!.at && at < sides[1]!.at,
  )
  const seconds = said + lost.reduce((sum, { bytes }) => sum + Number(bytes), 0) / SAMPLE_RATE
  t.ok(
    seconds >= (0.995 * SPEECH_MS) / 1_000 - 0.1,
    `what the caller said then: ${said} s, ${seconds} s in all`,
  )
})

t.test('a yes does not hold on a line that tells something else, or records nothing', async t => {
  for (const call of [asked, unrecorded]) {
    t.strictSame([pausesOf(call), call.recordings.length], [['recording.paused line'], 1])
    const legs = await lab.open(call.recordings[0]!.id)
    holds(t, legs, 'caller', { before: 2, onward: 0 })
  }
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
