// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Agents park, transfer and confer. Everybody has a tone, by which the recordings are measured. All scenes run at the same time.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { CallInJournal } from '../support/lab/call-in-journal.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { waitForTone } from '../support/lab/tones-heard.js'
import {
  connect,
  dial,
  finish,
  LIMIT,
  pickUp,
  sayCard,
  stayApart,
  talkTo,
  transferTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { movesOf } from '../support/situations/moves.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'
import { openSentOn } from './sent-on.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = {
  ...{ before: 3_170, card: 1_010, after: 1_730, onward: 2_690 },
  ...{ first: 830, second: 1_370, refuser: 610, stranger: 2_290 },
}

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

const sentOn = await openSentOn(t)
const extensions = `
${sentOn.extensions}
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
 same =>     n,Wait(7)
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
    ...sentOn.lines,
    ...['811', '812', '813', '814', '815', '816', '822', '823', '826'].map(number => quickLine(number)),
    quickLine('825', { onOutsider: 'own-side' }),
    quickLine('821', { mode: 'notice' }),
    { ...quickLine('824'), mode: 'none', purposes: [] },
  ],
})

/** Two talk at the same time. */
const talk = (said: Said, { caller }: PlacedCall, agent: AnsweredCall) =>
  Promise.all([said.by(caller, 'before'), said.by(agent, 'first')])

/** A caller is parked, and another agent retrieves the call. */
async function park(): Promise<Played> {
  const placed = await dial(lab, '811')
  const said = new Said(HZ, placed.caller)
  const first = await talkTo(placed, parks)
  await talk(said, placed, first)
  await transferTo(first, '#1', '700', limit => first.waitForEnd(limit))
  const second = await connect(lab, retrieves, 'extension 701@from-lab')
  await waitUntilConnected(second, placed.caller)
  await said.by(second, 'second')
  await sayCard(said, placed, second)
  await said.by(placed.caller, 'after', 7_000)
  return { call: await finish(placed), said }
}

/** An agent consults another one, and hangs up. */
async function transfer(): Promise<Played> {
  const placed = await dial(lab, '812')
  const said = new Said(HZ, placed.caller)
  const first = await talkTo(placed, sends)
  await talk(said, placed, first)
  const ringing = await transferTo(first, '*3', '830', limit => takes.waitForRing(limit))
  const second = await takes.answer(ringing)
  await sleep(500)
  await first.hangup()
  await waitUntilConnected(second, placed.caller)
  await said.by(second, 'second')
  await sayCard(said, placed, second)
  await said.by(placed.caller, 'after', 7_000)
  return { call: await finish(placed), said }
}

const isDecided = ({ events }: CallTimeline) =>
  events.some(({ type }) => type === 'call.decided') || undefined

/** An agent consults on a line that asks, says yes there, and transfers a caller who has said no. */
async function consultation(): Promise<Played & { heard: boolean }> {
  const placed = await dial(lab, '813', '2')
  const said = new Said(HZ, placed.caller)
  const agent = await pickUp(consults)
  // Until the number is complete, the next key would belong to it.
  await transferTo(agent, '*3', '814', async limit => {
    if (!(await new CallInJournal(lab, { line: '814' }).waitFor(isDecided, limit)))
      throw new Error('line 814 has no call')
  })
  for (let i = 0; i < 5; i++) {
    await sleep(1_000)
    await press(agent, '1')
  }
  const before = placed.caller.heard.packets.length
  await agent.hangup()
  await said.by(placed.caller, 'refuser', 6_000)
  const heard = placed.caller.heard.packets.length > before + 100
  return { call: await finish(placed), said, heard }
}

/**
 * Into the conference of a recorded caller come one who has said no, and one whom nobody asked.
 *
 * @param tens of the numbers of its lines
 */
async function conference(phone: Phone, tens: '81' | '82'): Promise<Played & { other: CallTimeline }> {
  const placed = await dial(lab, `${tens}5`)
  const said = new Said(HZ, placed.caller)
  const agent = await connect(lab, phone, `extension ${tens}7@from-lab`)
  await waitUntilConnected(agent, placed.caller)
  await talk(said, placed, agent)
  const refuser = await dial(lab, `${tens}6`, '2')
  await placed.waitForEvent('call.party-joined')
  const refused = said.by(refuser.caller, 'refuser', 6_000)
  await waitForTone(placed.caller, HZ.refuser, LIMIT)
  await stayApart()
  await said.by(placed.caller, 'card')
  const other = await refuser.finish()
  await Promise.all([refused, placed.waitForEvent('call.party-left')])
  await stayApart()
  await said.by(placed.caller, 'after')
  await stayApart()
  const stranger = await PlacedCall.place(lab, { number: `${tens}7` })
  await stranger.caller.waitForAnswer(LIMIT)
  const strange = said.by(stranger.caller, 'stranger', 6_000)
  await waitForTone(placed.caller, HZ.stranger, LIMIT)
  await stranger.caller.hangup()
  await Promise.all([strange, placed.waitForEvent('call.party-left', ({ party }) => party === null)])
  await stayApart()
  await Promise.all([said.by(agent, 'second', 5_000), said.by(placed.caller, 'after', 5_000)])
  const call = await finish(placed)
  await agent.hangup()
  return { call, said, other }
}

/** A caller is sent on to another line. */
async function onward(number: string, how: '1' | 'hear'): Promise<Played> {
  const placed = await dial(lab, number, how)
  const said = new Said(HZ, placed.caller)
  // The tap starts when the call is back in the dialplan.
  await stayApart()
  await said.by(placed.caller, 'before')
  await placed.waitForEvent('recording.paused')
  await said.by(placed.caller, 'onward', 7_000)
  return { call: await finish(placed), said }
}

const [addSentOn, parked, transferred, consulted, conferred, ownSide, asked, unrecorded] = await Promise.all([
  sentOn.play(lab),
  park(),
  transfer(),
  consultation(),
  conference(confers, '81'),
  conference(joins, '82'),
  onward('821', 'hear'),
  onward('822', '1'),
])

const sides = 'both sides'
const byParty = ['nothing (party)', sides]
const row = (title: string, played: Played, allowed: string[], unagreed: string[], asked = 1) =>
  situation(t, lab, title, { ...played, asked, allowed, unagreed })

row('park and retrieve, *7 after it', parked, [sides, 'nothing (agent)', sides], ['card'])
row('attended transfer by *3, *7 after it', transferred, [sides, 'nothing (agent)', sides], ['card'])
row('an agent consults on a line that asks, beside a caller who refused', consulted, ['nothing'], ['refuser'])
row(
  'conference with one who refused, and one whom nobody asked',
  conferred,
  [sides, ...byParty, ...byParty],
  ['card', 'refuser', 'stranger'],
)
row(
  'the same, where the line says own-side',
  ownSide,
  [sides, 'own side', sides, 'own side', sides],
  ['refuser', 'stranger'],
)
row('from a line that only gives notice to one that asks', asked, [sides, 'nothing (line)'], ['onward'])
row('to a line that records nothing', unrecorded, [sides, 'nothing (line)'], ['onward'])

addSentOn()

t.test('the journal has which phones of the company talk with a caller, and who holds', async t => {
  const told = parked.call.events.flatMap(({ type, agent: a }) =>
    typeof a === 'string' && type !== 'call.transferred' ? `${type} ${a}` : [],
  )
  const turns = ['agent-joined', 'hold-began', 'hold-ended', 'agent-left', 'agent-joined']
  const wanted = turns.map(what => `call.${what} PJSIP/agent`)
  t.strictSame(told.slice(0, turns.length), wanted)
})

t.test(
  'the journal has how a caller was moved by keys, and that a caller came into a conference',
  async t => {
    t.strictSame(movesOf(parked.call).sort(), ['parked', 'transferred blind by PJSIP/agent', 'unparked'])
    // If the consulted phone is still behind a `Local` channel, the PBX does not say to whom.
    t.match(movesOf(transferred.call).join(), /^transferred attended by PJSIP\/agent( to PJSIP\/agent)?$/)
    for (const { call } of [conferred, ownSide]) t.equal(movesOf(call)[0], 'conference-joined')
  },
)

t.test('the yes of an agent who consults on a line that asks records nobody', async t => {
  t.ok(consulted.heard, 'the caller was transferred')
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

t.test('the journal has who joined a conference', async t => {
  for (const { call, other } of [conferred, ownSide]) {
    t.strictSame(other.recordings, [])
    const parties = call.events.filter(({ type }) => type.startsWith('call.party-'))
    matchEach(t, parties, [
      { type: 'call.party-joined', party: other.id, agreed: false },
      { type: 'call.party-left' },
      { type: 'call.party-joined', party: null, agreed: false },
      { type: 'call.party-left', party: null },
    ])
  }
  const { ownSideSeconds } = ownSide.call.recordings[0]!
  t.ok(ownSideSeconds! > 1, `${ownSideSeconds} s of it are one side alone`)
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
