// Real: Asterisk with its queues, SIP callers and phones, the service and its keeper, PostgreSQL, and the dialplan of docs/install-freepbx.md. Fake:
// FreePBX. The contexts around that dialplan have its names, its order and its variables.
// Callers come to queues and ring groups in every way that FreePBX has. All scenes run at the same time.
// Long only: further ways of FreePBX; `call/freepbx` has its queues and extensions.
import t from 'tap'
import type { Phone } from '../../lab/phone.js'
import { listCalls, readCall } from '../../src/journal/read/timeline.js'
import { quickLine } from '../support/data/quick-lines.js'
import { freepbxRecipes } from '../support/freepbx/recipes.js'
import { startFreepbx } from '../support/freepbx/start.js'
import { summarizeEvents } from '../support/lab/call-checks.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import {
  connect,
  finish,
  LIMIT,
  pickUp,
  refer,
  talkTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { movesOf } from '../support/situations/moves.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. */
const HZ = { before: 3_170, caller: 1_730, agent: 830, after: 2_290, second: 1_370, refuser: 610 }

const phones = await openPhones(
  t,
  ...(['serves', 'sends', 'takes', 'isQueued', 'isNext', 'sendsRefuser', 'isRefused'] as const),
  ...(['rings', 'answers', 'isUnlisted', 'calls', 'isCalled'] as const),
)
const at = (extensions: Record<string, Phone>) =>
  Object.fromEntries(Object.entries(extensions).map(([number, phone]) => [number, phone.agentEndpoint]))

/** Queues of the tests, listed as the page lists 630 and 640. */
const LISTED = `
[consentry-queues]
exten => _63[1-6],1,Gosub(consentry,s,1)
 same =>          n,Return()
`
const site = await startFreepbx(t, {
  custom: `${freepbxRecipes()}${LISTED}`,
  routes: {
    4950000001: 'ivr-1,s,1',
    4950000711: 'from-did-direct,711,1',
    4950000632: 'ext-queues,632,1',
    4950000634: 'ext-queues,634,1',
    4950000639: 'ext-queues,639,1',
    4950000640: 'ext-group,640,1',
  },
  ivr: 'ext-queues,630,1',
  phones: {
    ...at({ 711: phones.sends, 730: phones.serves, 731: phones.takes, 732: phones.isQueued }),
    ...at({
      733: phones.isNext,
      734: phones.sendsRefuser,
      735: phones.isRefused,
      736: phones.isCalled,
      739: phones.isUnlisted,
    }),
    ...at({ 741: phones.rings, 742: phones.answers }),
  },
  members: {
    ...{ 630: ['730'], 631: ['731'], 632: ['732'], 633: ['733'] },
    ...{ 634: ['734'], 635: ['735'], 636: ['736'], 639: ['739'] },
  },
  groups: { 640: ['741', '742'] },
  lab: {
    lines: ['630', '631', '632', '633', '634', '635', '636', '640'].map(number => quickLine(number)),
    env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  },
})

/** A blind transfer, by the phone's own key. */
async function sendTo(agent: Awaited<ReturnType<typeof pickUp>>, extension: string): Promise<void> {
  await refer(agent, `sip:${extension}@${site.lab.pbx.sip}`)
  await agent.hangup()
}

async function answerQuestion(placed: PlacedCall, key: '1' | '2'): Promise<void> {
  await placed.waitForQuestion()
  await placed.caller.press(key)
  await placed.waitForEvent('call.released')
}

const talk = async (said: Said, placed: PlacedCall, phone: Phone) => {
  const agent = await talkTo(placed, phone)
  await Promise.all([said.by(placed.caller, 'caller'), said.by(agent, 'agent')])
  return agent
}

/** A caller chooses the queue in an IVR. */
async function byIvr(): Promise<Played> {
  const placed = await PlacedCall.place(site, { number: '4950000001' })
  await placed.caller.waitForAnswer(LIMIT)
  const said = new Said(HZ, placed.caller)
  await placed.caller.press('1')
  await answerQuestion(placed, '1')
  await talk(said, placed, phones.serves)
  return { call: await finish(placed), said }
}

/** A caller whom nobody asked talks with an extension, which sends the caller on to a queue. */
async function byTransfer(): Promise<Played> {
  const placed = await PlacedCall.place(site, { number: '4950000711' })
  const said = new Said(HZ, placed.caller)
  const first = await talkTo(placed, phones.sends)
  await said.by(placed.caller, 'before')
  await sendTo(first, '631')
  await answerQuestion(placed, '1')
  await talk(said, placed, phones.takes)
  return { call: await finish(placed), said }
}

/** An agent of a queue, who is behind a `Local` channel there, sends the caller on to another queue. */
async function betweenQueues(): Promise<Played> {
  const placed = await PlacedCall.place(site, { number: '4950000632' })
  const said = new Said(HZ, placed.caller)
  await answerQuestion(placed, '1')
  await sendTo(await talk(said, placed, phones.isQueued), '633')
  const second = await talkTo(placed, phones.isNext)
  await Promise.all([said.by(placed.caller, 'after'), said.by(second, 'second')])
  return { call: await finish(placed), said }
}

/** The same, with a caller who has refused. */
async function refusedBetweenQueues(): Promise<Played> {
  const placed = await PlacedCall.place(site, { number: '4950000634' })
  const said = new Said(HZ, placed.caller)
  await answerQuestion(placed, '2')
  await sendTo(await talkTo(placed, phones.sendsRefuser), '635')
  await talkTo(placed, phones.isRefused)
  await said.by(placed.caller, 'refuser')
  return { call: await finish(placed), said }
}

/** Two phones ring, and one answers. */
async function ringGroup(): Promise<Played> {
  const placed = await PlacedCall.place(site, { number: '4950000640' })
  const said = new Said(HZ, placed.caller)
  await answerQuestion(placed, '1')
  await phones.rings.waitForRing(LIMIT)
  const agent = await pickUp(phones.answers)
  await Promise.all([waitUntilConnected(agent, placed.caller), waitUntilConnected(placed.caller, agent)])
  await Promise.all([said.by(placed.caller, 'caller'), said.by(agent, 'agent')])
  return { call: await finish(placed), said }
}

/** A queue that the operator did not list. @returns how many calls of this caller the journal has */
async function unlisted(): Promise<number> {
  const placed = await PlacedCall.place(site, { number: '4950000639' })
  await talkTo(placed, phones.isUnlisted)
  await placed.caller.hangup()
  return (await listCalls(site.db, name => name, { caller: placed.number })).length
}

/** An agent calls a queue. @returns what the journal has of calls on its line */
async function agentCalls(): Promise<string[]> {
  const caller = await connect(site, phones.calls, 'extension 636@from-internal')
  const agent = await pickUp(phones.isCalled)
  await Promise.all([waitUntilConnected(agent, caller), waitUntilConnected(caller, agent)])
  await caller.hangup()
  const [found] = await listCalls(site.db, name => name, { line: '636' })
  const call = found && (await readCall(site.db, name => name, found.id))
  return call ? summarizeEvents(call) : []
}

const [chosen, sent, between, refused, group, unasked, called] = await Promise.all([
  byIvr(),
  byTransfer(),
  betweenQueues(),
  refusedBetweenQueues(),
  ringGroup(),
  unlisted(),
  agentCalls(),
])

const row = (title: string, played: Played, allowed: string[], unagreed: string[] = []) =>
  situation(t, site, `FreePBX: ${title}`, { ...played, asked: 1, allowed, unagreed })
row('IVR into a queue', chosen, ['both sides'])
row('an extension sends an unasked caller to a queue', sent, ['both sides'], ['before'])
row('a queue’s agent sends the caller to another queue', between, ['both sides'])
row('the same, refused', refused, ['nothing'], ['refuser'])
row('ring group', group, ['both sides'])

t.test('a caller of a queue that is not listed is not asked', async t => {
  t.equal(unasked, 0)
})

t.test('an agent who calls a listed queue is not asked', async t => {
  t.notOk(
    called.some(event => /consent|prompt|recording/.test(event)),
    String(called),
  )
})

t.test(
  'the journal has that an agent of a queue sent the caller on, although a Local channel is between them',
  async t => {
    t.strictSame(movesOf(between.call), ['transferred blind by PJSIP/agent'])
    for (const { call } of [chosen, sent, refused]) t.strictSame(movesOf(call), [], 'and of nobody else')
  },
)

t.test('the line of a call is the number of the queue or ring group', async t => {
  const lines = [chosen, sent, between, refused, group].map(({ call }) => call.line)
  t.strictSame(lines, ['630', '631', '632', '634', '640'])
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await site.verify()).faults, [])
})
