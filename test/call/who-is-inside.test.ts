// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// All phones of the company and all outsiders ring through one endpoint, so that only a context, a variable or the order in which they come tells
// who is who. Everybody has a tone, by which the recordings are measured.
// Long only: further ways to say who is inside; `call/parties` has the usual one.
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Phone } from '../../lab/phone.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import {
  connect,
  dial,
  finish,
  LIMIT,
  stayApart,
  talkTo,
  transferTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, after: 1_730, first: 830, second: 1_370, stranger: 2_290 }

const { serves, visits, isNamed, isExcluded, isDialled, isTold, sends, takes } = await openPhones(
  t,
  ...(['serves', 'visits', 'isNamed', 'isExcluded', 'isDialled', 'isTold', 'sends', 'takes'] as const),
)
const conference = (number: string) => `Set(CONFBRIDGE(user,quiet)=yes)
 same => n,ConfBridge(room-${number})`
const lab = await startCallLab(t, {
  extensions: `
exten => _85[12],1,Gosub(consentry,s,1)
 same => n,${conference('${EXTEN}')}
exten => 853,1,Set(CONSENTRY_PARTY=inside)
 same => n,Gosub(consentry,s,1)
 same => n,Dial(Local/talk@lab-agent)
exten => _85[47],1,Gosub(consentry,s,1)
 same => n,Goto(onward,\${EXTEN},1)
exten => 855,1,Gosub(consentry,s,1)
 same => n,Dial(${sends.agentEndpoint},30,t)
exten => 856,1,Dial(${takes.agentEndpoint},30)

; Whoever is dialled from here is in the context of the endpoint, from-lab.
[onward]
exten => 854,1,Dial(${isDialled.agentEndpoint},30)
exten => 857,1,Dial(${isTold.agentEndpoint},30,b(told^s^1))

[told]
exten => s,1,Set(CONSENTRY_PARTY=outside)
 same => n,Return()

[staff]
exten => 851,1,${conference('851')}
; The variable wins over the context.
exten => 852,1,Set(CONSENTRY_PARTY=outside)
 same => n,${conference('852')}

[visitors]
exten => 851,1,${conference('851')}
exten => 852,1,Set(CONSENTRY_PARTY=inside)
 same => n,${conference('852')}
`,
  env: { CONSENTRY_INSIDE: 'context:staff,context:from-lab' },
  lines: ['851', '852', '853', '854', '855', '857'].map(number => quickLine(number)),
})
const { pbx } = lab.lab
await appendFile(join(pbx.dir, 'etc', 'ari.conf'), '\n[general](+)\nchannelvars = CONSENTRY_PARTY\n')
await pbx.cli('module reload res_ari.so')

/** A recorded caller and an agent talk in a conference. Somebody from outside joins it, and leaves. */
async function confer(
  number: string,
  agent: { phone: Phone; context: string },
  outsider: typeof agent,
): Promise<Played> {
  const placed = await dial(lab, number)
  const { caller } = placed
  const said = new Said(HZ, caller)
  const first = await connect(lab, agent.phone, `extension ${number}@${agent.context}`)
  await waitUntilConnected(first, caller)
  await Promise.all([said.by(caller, 'before'), said.by(first, 'first')])
  await stayApart()
  const stranger = await connect(lab, outsider.phone, `extension ${number}@${outsider.context}`)
  await placed.waitForEvent('recording.paused')
  await waitUntilConnected(stranger, caller)
  await said.by(stranger, 'stranger')
  await stayApart()
  await stranger.hangup()
  await placed.waitForEvent('recording.resumed')
  await stayApart()
  await said.by(caller, 'after')
  const call = await finish(placed)
  await first.hangup()
  return { call, said }
}

/** The line leads to a phone. @param voice what the phone sounds like */
async function callPhone(number: string, phone: Phone, voice: 'first' | 'stranger'): Promise<Played> {
  const placed = await dial(lab, number)
  const said = new Said(HZ, placed.caller)
  const ringing = await phone.waitForRing(LIMIT)
  // Where the phone is that of an outsider, the recording pauses with the answer. Without audio before it, there would be none.
  await placed.waitForEvent('recording.part-started')
  const answered = await phone.answer(ringing)
  await waitUntilConnected(answered, placed.caller)
  await said.by(answered, voice)
  return { call: await finish(placed), said }
}

const [byContext, byVariable, dialled, told] = await Promise.all([
  confer('851', { phone: serves, context: 'staff' }, { phone: visits, context: 'visitors' }),
  confer('852', { phone: isNamed, context: 'visitors' }, { phone: isExcluded, context: 'staff' }),
  callPhone('854', isDialled, 'first'),
  callPhone('857', isTold, 'stranger'),
])
const ours = await PlacedCall.place(lab, { number: '853' })
await ours.waitForAgent()
const fromInside = await ours.finish()

// From here on nothing says who is inside.
const { service } = lab.lab
await service.restart({ ...service.overrides, CONSENTRY_INSIDE: undefined })

/** An agent sends the caller on to another phone. */
async function sendOn(): Promise<Played> {
  const placed = await dial(lab, '855')
  const said = new Said(HZ, placed.caller)
  const first = await talkTo(placed, sends)
  await Promise.all([said.by(placed.caller, 'before'), said.by(first, 'first')])
  await stayApart()
  const ringing = await transferTo(first, '#1', '856', limit => takes.waitForRing(limit))
  const second = await takes.answer(ringing)
  await waitUntilConnected(second, placed.caller)
  await placed.waitForEvent('recording.paused')
  await said.by(second, 'second')
  return { call: await finish(placed), said }
}
const sentOn = await sendOn()

const parts = ['both sides', 'nothing (party)', 'both sides']
for (const [title, played] of Object.entries({
  'an outsider joins, told by the context': byContext,
  'an outsider joins, told by a variable of the dialplan': byVariable,
}))
  situation(t, lab, title, { ...played, asked: 1, allowed: parts, unagreed: ['stranger'] })
situation(t, lab, 'a phone is dialled, told by the context of its endpoint', {
  ...{ ...dialled, asked: 1, allowed: ['both sides'] },
})
situation(t, lab, 'the same, told by a variable that `Dial` sets on the new channel', {
  ...{ ...told, asked: 1, unagreed: ['stranger'] },
  allowed: ['both sides', 'nothing (party)'],
})
situation(t, lab, 'a blind transfer where nothing says who is inside', {
  ...{ ...sentOn, asked: 1, unagreed: ['second'] },
  allowed: ['both sides', 'nothing (party)'],
})

t.test('the agent is named in the journal, and the outsider is not', async t => {
  for (const { call } of [byContext, byVariable]) {
    const of = (type: string) => call.events.filter(one => one.type === type)
    matchEach(t, of('call.agent-joined'), [{ agent: 'PJSIP/agent', after: null, others: 0 }])
    matchEach(t, of('call.party-joined'), [{ party: null, agreed: false }])
  }
  const named = dialled.call.events.filter(({ type }) => type === 'call.agent-joined')
  matchEach(t, named, [{ agent: 'PJSIP/agent' }])
  const joined = sentOn.call.events.filter(({ type }) => type === 'call.party-joined')
  matchEach(t, joined, [{ party: null, agreed: false }])
})

t.test('nobody is asked who is inside by the word of the dialplan', async t => {
  const decided = fromInside.events.filter(({ type }) => type === 'call.decided')
  matchEach(t, decided, [{ reason: 'from-inside' }])
  t.notOk(fromInside.events.some(({ type }) => type === 'consent.asked'))
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
