// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// People are asked in the middle of a conversation. Everybody has a tone, by which the recordings are measured.
import t from 'tap'
import type { Phone } from '../../lab/phone.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { matchEach } from '../support/assertions/match-each.js'
import { LONG_WAIT_MS, quickLine } from '../support/data/quick-lines.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
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
  stayApart,
  talkTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, after: 1_730, first: 830, second: 1_370, outsider: 610, agreed: 2_290 }
/** What people hear who join a recorded call of line 855. Those of line 865 hear its disclosure. */
const JOINED = 'disclosure-joined'
const TOKEN = 'a-token-of-the-test-of-inquiries'

const { agrees, refuses, confers, joins, goesOn, dials, colleague } = await openPhones(
  t,
  ...(['agrees', 'refuses', 'confers', 'joins', 'goesOn', 'dials', 'colleague'] as const),
)
const extensions = `
exten => 851,1,Gosub(consentry,s,1)
 same =>     n,Dial(${agrees.agentEndpoint},30)
exten => 852,1,Gosub(consentry,s,1)
 same =>     n,Dial(${refuses.agentEndpoint},30)
exten => 853,1,Gosub(consentry,s,1)
 same =>     n,Goto(854,1)
exten => 854,1,Gosub(consentry,s,1)
 same =>     n,Dial(${goesOn.agentEndpoint},30)
exten => 858,1,Gosub(consentry,s,1)
 same =>     n,Dial(${colleague.agentEndpoint},30)
exten => _8[56][56],1,Gosub(consentry,s,1)
 same =>          n,Goto(\${EXTEN:0:2}7,1)
exten => _8[56]7,1,Set(CONFBRIDGE(user,quiet)=yes)
 same =>         n,ConfBridge(room-\${EXTEN})
`
const waiting = { waitMs: LONG_WAIT_MS }
const lab = await startCallLab(t, {
  extensions,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent', CONSENTRY_API_TOKEN: TOKEN },
  lines: [
    quickLine('853', { mode: 'notice' }),
    ...['851', '852', '854', '856', '866'].map(number => quickLine(number, waiting)),
    quickLine('855', { ...waiting, onOutsider: 'ask', outsiderDisclosure: JOINED }),
    quickLine('858', { ...waiting, askKeys: '*8' }),
    quickLine('865', { ...waiting, onOutsider: 'ask' }),
  ],
})

/** A program has the caller of a call asked. @returns status and body */
async function ask(call: string) {
  const answer = await fetch(`${lab.lab.ready.http}/api/calls/${call}/ask`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  return { status: answer.status, body: await answer.json() }
}

/** Answers a question in the conversation, and waits until it has been confirmed. */
async function answer(asked: PlacedCall, digit: '1' | '2'): Promise<void> {
  await asked.waitForEvent('consent.asked', ({ inConversation }) => inConversation === true)
  await asked.caller.press(digit)
  const { at } = await asked.waitForEvent('consent.answered', ({ inConversation }) => inConversation === true)
  await asked.waitForEvent(
    'prompt.ended',
    one => (one['role'] === 'granted' || one['role'] === 'refused') && one.at > at,
  )
  await stayApart()
}

/** A caller who has said no talks with an agent, and is asked again. */
async function again(
  number: string,
  phone: Phone,
  digit: '1' | '2',
): Promise<Played & { replies: unknown[] }> {
  const placed = await dial(lab, number, '2')
  const said = new Said(HZ, placed.caller)
  const { id } = (await placed.read())!
  const replies = [await ask(id)]
  const agent = await talkTo(placed, phone)
  await Promise.all([said.by(placed.caller, 'before'), said.by(agent, 'first')])
  replies.push(await ask(id), await ask(id))
  await answer(placed, digit)
  await Promise.all([said.by(placed.caller, 'after', 6_000), said.by(agent, 'second', 6_000)])
  replies.push(await ask(id))
  return { call: await finish(placed), said, replies }
}

/** Somebody from outside joins the conference of a recorded caller, and is asked. @param number that this person dials */
async function joined(phone: Phone, tens: '85' | '86', number: string, digit: '1' | '2') {
  const placed = await dial(lab, `${tens}5`)
  const said = new Said(HZ, placed.caller)
  const agent = await connect(lab, phone, `extension ${tens}7@from-lab`)
  await waitUntilConnected(agent, placed.caller)
  await Promise.all([said.by(placed.caller, 'after'), said.by(agent, 'first')])
  await stayApart()
  const outsider = number.endsWith('7')
    ? await PlacedCall.place(lab, { number })
    : await dial(lab, number, '2')
  await outsider.caller.waitForAnswer(LIMIT)
  await placed.waitForEvent('call.party-joined')
  const unasked = said.by(outsider.caller, 'outsider', 5_000)
  await waitForTone(placed.caller, HZ.outsider, LIMIT)
  await said.by(placed.caller, 'before')
  await unasked
  await answer(outsider, digit)
  if (digit === '1') {
    await placed.waitForEvent('recording.resumed')
    await stayApart()
    await said.by(outsider.caller, 'agreed', 5_000)
  } else await said.by(outsider.caller, 'outsider', 5_000)
  await stayApart()
  const other = await outsider.finish()
  const heard = outsider.caller.heard.samples()
  await placed.waitForEvent('call.party-left')
  await stayApart()
  await Promise.all([said.by(agent, 'second', 5_000), said.by(placed.caller, 'after', 5_000)])
  const call = await finish(placed)
  await agent.hangup()
  return { call, said, other, heard, heardByCaller: placed.caller.heard.samples() }
}

/** A caller who was only given notice comes to a line that asks, where the recording pauses, and is asked in the conversation. */
async function noticed(): Promise<Played> {
  const placed = await dial(lab, '853', 'hear')
  const said = new Said(HZ, placed.caller)
  await placed.waitForEvent('recording.paused')
  const agent = await talkTo(placed, goesOn)
  await Promise.all([said.by(placed.caller, 'before'), said.by(agent, 'first')])
  await ask((await placed.read())!.id)
  await answer(placed, '1')
  await placed.waitForEvent('recording.resumed')
  await stayApart()
  await Promise.all([said.by(placed.caller, 'after', 6_000), said.by(agent, 'second', 6_000)])
  return { call: await finish(placed), said }
}

/** A phone of the company dials a line itself. A program and a colleague's keys want it asked, and it presses the key for yes. */
async function fromInside() {
  const caller = await connect(lab, dials, 'extension 858@from-lab')
  const agent = await pickUp(colleague)
  await waitUntilConnected(agent, caller)
  const events = lab.db.selectFrom('call').innerJoin('event', 'event.call_id', 'call.id')
  const read = () => events.where('call.line', '=', '858').select(['call.id', 'event.type']).execute()
  const reply = await ask((await read())[0]!.id)
  await press(agent, '*8')
  await stayApart()
  await press(caller, '1')
  await stayApart()
  await Promise.all([agent.hangup(), caller.hangup()])
  return { reply, types: (await read()).map(({ type }) => type) }
}

const [yes, no, agreed, refused, onward, inside] = await Promise.all([
  again('851', agrees, '1'),
  again('852', refuses, '2'),
  joined(confers, '85', '857', '1'),
  joined(joins, '86', '866', '2'),
  noticed(),
  fromInside(),
])

const sides = 'both sides'
const row = (title: string, played: Played, allowed: string[], unagreed: string[], asked = 1) =>
  situation(t, lab, title, { ...played, asked, allowed, unagreed })

row('asked in the conversation by a program, after a no: agrees', yes, [sides], ['before', 'first'], 2)
row('the same: says no again', no, ['nothing'], ['before', 'first', 'after', 'second'], 2)
row(
  'conference, where somebody joins whom nobody asked, is asked (`onOutsider`), and agrees',
  agreed,
  [sides, 'nothing (party)', sides],
  ['outsider', 'before'],
)
row(
  'the same with somebody who had said no, and says no again',
  refused,
  [sides, 'nothing (party)', sides],
  ['outsider', 'before'],
)

situation(
  t,
  lab,
  'from a line that only gives notice to one that asks, and asked in the conversation: agrees',
  {
    ...{ ...onward, asked: 2, allowed: [sides, 'nothing (line)', sides], unagreed: ['before', 'first'] },
  },
)

t.test('a program is told what came of its order', async t => {
  const statuses = (replies: unknown[]) => replies.map(one => (one as { status: number }).status)
  t.strictSame(statuses(yes.replies), [409, 200, 409, 409], 'alone, asked, being asked, nothing to ask')
  t.strictSame(statuses(no.replies), [409, 200, 409, 200], 'whoever said no may be asked again')
  t.match(await ask(yes.call.id), { status: 404 })
})

t.test('the journal has both answers, and the last yes counts', async t => {
  for (const [{ call }, answer] of [
    [yes, 'granted'],
    [no, 'refused'],
  ] as const) {
    matchEach(t, call.purposes, [{ purpose: 'service', answer }])
    t.equal(call.decision, answer)
    const answers = call.events.filter(({ type }) => type === 'consent.answered')
    matchEach(t, answers.slice(0, 2), [
      { answer: 'refused' },
      { answer, inConversation: true, method: 'key' },
    ])
  }
})

t.test('whoever joined has a call with the answer, in which nothing is recorded', async t => {
  t.match(agreed.other, {
    decision: 'granted',
    line: '855',
    purposes: exactly({ answer: 'granted' }),
    recordings: none,
  })
  t.match(refused.other, {
    decision: 'refused',
    line: '866',
    purposes: exactly({ answer: 'refused' }),
    recordings: none,
  })
  t.equal(agreed.other.events.find(({ type }) => type === 'call.started')?.['joined'], agreed.call.id)
  for (const { call, other } of [agreed, refused])
    t.match(
      call.events.find(({ type }) => type === 'call.party-asked'),
      { party: other.id },
    )
  t.match(
    agreed.call.events.find(({ type }) => type === 'call.party-agreed'),
    { party: agreed.other.id },
  )
  t.notOk(refused.call.events.some(({ type }) => type === 'call.party-agreed'))
})

t.test('whoever joins hears the words that the line has for them, and nobody else does', async t => {
  const words = promptSamples('en', JOINED)
  t.ok(isHeard(agreed.heard, words), 'by whoever joined')
  t.notOk(isHeard(agreed.heardByCaller, words), 'by the recorded caller')
  t.notOk(isHeard(refused.heard, words), 'on a line without such words')
  for (const [{ other }, prompt, line] of [
    [agreed, JOINED, '855'],
    [refused, 'granted-marketing', '865'],
  ] as const) {
    const requested = other.events.findIndex(({ type }) => type === 'consent.requested')
    t.match(other.events[requested], { by: 'line', line })
    t.match(
      other.events.slice(requested).find(({ type }) => type === 'prompt.ended'),
      { role: 'disclosure', prompt, version: 1, end: 'complete' },
    )
  }
})

t.test('a phone of the company that dialled a line itself is never asked', async t => {
  t.equal(inside.reply.status, 409)
  const asked = inside.types.filter(type => /consent|recording|prompt/.test(type))
  t.strictSame(asked, [], 'nobody was asked')
})

t.test('a question is heard until the key, and its confirmation to the end', async t => {
  for (const { events } of [yes.call, no.call, agreed.other, refused.other, onward.call]) {
    const asked = events.slice(events.findIndex(({ type }) => type === 'consent.requested'))
    const prompts = asked.filter(({ type }) => type === 'prompt.ended')
    matchEach(t, prompts.slice(0, 3), [
      { role: 'disclosure', end: 'complete' },
      { role: 'question', end: /^(key|complete)$/ },
      { role: /^(granted|refused)$/, end: 'complete' },
    ])
  }
})

t.test('the tap is started once, and runs to the end', async t => {
  const stops = yes.call.events.filter(({ type }) => type === 'recording.gap')
  t.strictSame(stops, [])
})

t.test('the recordings and the tables are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
