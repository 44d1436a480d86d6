// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Agents call customers who do not say yes: they are silent, the question fails or takes too long, they hang up, or no agent is there. Everybody
// has a tone. All scenes run at the same time.
// Long only: ends of outbound calls; `call/outbound` has the usual ones.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { rmsDbfs } from '../../lab/audio/levels.js'
import { AUDIBLE_DBFS } from '../../lab/media/received-audio.js'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import { listCalls } from '../../src/journal/read/timeline.js'
import { isHeard, waitUntilHeard } from '../support/assertions/heard-words.js'
import { quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { END_MS, LIMIT, waitUntilConnected } from '../support/situations/company.js'
import { busyShare, channelsLeft, dialCustomer, reach } from '../support/situations/outbound.js'
import { Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. */
const HZ = { customer: 1_010, agent: 610 }
/** A busy tone sounds for half of the time, and what a waiting agent hears for a twentieth. */
const BUSY_SHARE = 0.3
/** How each line comes to its decision, and what it is to do then. */
const DECISIONS = {
  silent: { next: 'onSilent', line: { waitMs: 1_000, retries: 0 } },
  failed: {
    next: 'onFailed',
    line: { purposes: [quickPurpose('service', { question: 'no-such-prompt' })] },
  },
  refused: { next: 'onRefused', line: { waitMs: 20_000 } },
} as const
type Decision = keyof typeof DECISIONS
const NEXT = {
  hangup: { do: 'hangup' },
  transfer: { do: 'transfer', context: 'sent-on', extension: 's', priority: 1 },
  continue: { do: 'continue' },
} as const
type Next = keyof typeof NEXT
/** Refusals that end the call or send the customer elsewhere are in outbound.test.ts. */
const SCENES: readonly [number: string, Decision, Next][] = [
  ['851', 'silent', 'hangup'],
  ['852', 'silent', 'transfer'],
  ['853', 'silent', 'continue'],
  ['854', 'failed', 'hangup'],
  ['855', 'failed', 'transfer'],
  ['856', 'failed', 'continue'],
  ['857', 'refused', 'continue'],
]
/** Whose customer hangs up in the question, and at once; and who is a second late, and far too late. */
const [LEAVES, LEAVES_AT_ONCE, LATE, TOO_LATE] = ['861', '862', '863', '864'] as const
/** A line on which a customer says yes. */
const ASKS = '871'
/** Whose agent does not wait until the question is over, and the longest wait, s: less than that of the line for a key. */
const TOO_LONG = '867'
const AGENT_WAITS_S = 9
/** Within U: whose customer the line sends elsewhere, and who hangs up in the question; with the line of each. */
const IN_U = { sent: { number: '865', line: '852' }, givenUp: { number: '866', line: '853' } } as const
const customerOf = (number: string) => `79990000${number}`

const numbers = [
  ...SCENES.map(([number]) => number),
  ...[LEAVES, LEAVES_AT_ONCE, LATE, TOO_LATE, TOO_LONG, IN_U.sent.number, IN_U.givenUp.number],
]
const phones: Readonly<Record<string, Phone>> = await openPhones(t, ...numbers)
const phone = (number: string) => phones[number]!
/** An agent comes some seconds after the customer has answered, as on a PBX that is overloaded. */
const lateBy = (seconds: number) => `
exten => _X.,1,Goto(agent)
 same =>     n,Goto(consentry-outbound,\${EXTEN},2)
 same =>     n(agent),Wait(${seconds})
 same =>     n,Goto(consentry-outbound,\${EXTEN},1)
`
const dialThrough = (context: string, number: string) =>
  dialCustomer(phone(number), ASKS, customerOf(number)).replace('consentry-outbound', context)

const lab = await startCallLab(t, {
  extensions: `
${SCENES.map(([number]) => `exten => ${number},1,${dialCustomer(phone(number), number, customerOf(number))}`).join('\n')}
exten => ${LEAVES},1,${dialCustomer(phone(LEAVES), ASKS, customerOf(LEAVES))}
exten => ${LEAVES_AT_ONCE},1,${dialCustomer(phone(LEAVES_AT_ONCE), ASKS, customerOf(LEAVES_AT_ONCE))}
exten => ${LATE},1,${dialThrough('late', LATE)}
exten => ${TOO_LATE},1,${dialThrough('too-late', TOO_LATE)}
exten => ${TOO_LONG},1,Set(CONSENTRY_OUTBOUND_WAIT=${AGENT_WAITS_S})
 same => n,${dialCustomer(phone(TOO_LONG), ASKS, customerOf(TOO_LONG))}
${Object.values(IN_U)
  .map(
    ({ number, line }) =>
      `exten => ${number},1,${dialCustomer(phone(number), line, customerOf(number), 'U')}`,
  )
  .join('\n')}

[late]
${lateBy(1)}
[too-late]
${lateBy(5)}
[sent-on]
; The agent has gone by then.
exten => s,1,Wait(6)
 same => n,Dial(Local/talk@lab-agent)
`,
  lines: [
    ...SCENES.map(([number, decision, next]) =>
      quickLine(number, { ...DECISIONS[decision].line, [DECISIONS[decision].next]: NEXT[next] }),
    ),
    quickLine(ASKS, { waitMs: 20_000 }),
  ],
})
const disclosure = promptSamples('en', 'granted-marketing')

/** An agent dials, and the customer answers. */
const call = (number: string) => reach(lab, phone(number), number, customerOf(number))

/** The two talk with each other, and the customer hangs up. */
async function talk(said: Said, customer: AnsweredCall, agent: PlacedCall['caller']) {
  await Promise.all([waitUntilConnected(agent, customer), waitUntilConnected(customer, agent)])
  await Promise.all([said.by(agent, 'agent', 4_000), said.by(customer, 'customer', 4_000)])
  await sleep(END_MS)
  await customer.hangup()
  await agent.waitForEnd(LIMIT)
}

/** The customer does not say yes. What follows is as the line says. */
async function play(number: string, decision: Decision, next: Next) {
  const { agent, answered } = await call(number)
  const said = new Said(HZ, answered)
  if (decision === 'refused') {
    await agent.waitForEvent('consent.asked')
    await answered.press('2')
  }
  await agent.waitForEvent('call.decided')
  let busy = 0
  if (next === 'continue') await talk(said, answered, agent.caller)
  else {
    await agent.caller.waitForEnd(LIMIT)
    busy = busyShare(agent.caller)
  }
  if (next === 'hangup') await answered.waitForEnd(LIMIT)
  let served = false
  if (next === 'transfer') {
    served = await waitUntilHeard(answered.heard, lab.sentence, LIMIT)
    await said.by(answered, 'customer')
    await answered.hangup()
  }
  return { call: await agent.finish(), said, agent: agent.caller, answered, busy, served }
}

/** The customer hangs up. @param inQuestion in the question, not when it answers */
async function leaves(number: string, inQuestion: boolean) {
  const { agent, answered } = await call(number)
  if (inQuestion) await agent.waitForEvent('consent.asked')
  await answered.hangup()
  await agent.caller.waitForEnd(LIMIT)
  return { agent, busy: busyShare(agent.caller) }
}

async function late() {
  const { agent, answered } = await call(LATE)
  const said = new Said(HZ, answered)
  await agent.waitForEvent('consent.asked')
  await answered.press('1')
  await agent.waitForEvent('call.released')
  await talk(said, answered, agent.caller)
  return { call: await agent.finish(), said }
}

async function tooLate() {
  const { agent, answered } = await call(TOO_LATE)
  const end = await answered.waitForEnd(LIMIT)
  await agent.caller.waitForEnd(LIMIT)
  return { answered, end, busy: busyShare(agent.caller) }
}

/** The customer does not answer, and the agent waits no longer. */
async function tooLong() {
  const { agent, answered } = await call(TOO_LONG)
  const said = new Said(HZ, answered)
  await agent.waitForEvent('consent.asked')
  await talk(said, answered, agent.caller)
  return { call: await agent.finish(), said }
}

/** The line sends whoever is silent elsewhere. */
async function sentInU() {
  const { agent, answered } = await call(IN_U.sent.number)
  const said = new Said(HZ, answered)
  await agent.waitForEvent('call.decided')
  await talk(said, answered, agent.caller)
  return { call: await agent.finish(), said }
}

async function givenUpInU() {
  const { agent, answered } = await call(IN_U.givenUp.number)
  await agent.waitForEvent('consent.asked')
  await agent.caller.hangup()
  const end = await answered.waitForEnd(LIMIT)
  return { call: await agent.finish(), end }
}

const [played, left, leftAtOnce, cameLate, cameTooLate, tookTooLong, stayed, askedOn] = await Promise.all([
  Promise.all(SCENES.map(async ([number, ...scene]) => ({ scene, ...(await play(number, ...scene)) }))),
  leaves(LEAVES, true),
  leaves(LEAVES_AT_ONCE, false),
  late(),
  tooLate(),
  tooLong(),
  sentInU(),
  givenUpInU(),
])

for (const { scene, call, said } of played)
  situation(t, lab, `outbound, ${scene.join(', ')}`, {
    ...{ call, said, asked: 1, allowed: ['nothing'] },
    unagreed: ['customer', 'agent'],
  })
situation(t, lab, 'outbound by Dial with U, silent, transfer: the agent is connected', {
  ...{ ...stayed, asked: 1, allowed: ['nothing'] },
  unagreed: ['customer', 'agent'],
})
situation(t, lab, 'outbound, the question takes longer than the agent waits', {
  ...{ ...tookTooLong, asked: 1, allowed: ['nothing'] },
  unagreed: ['customer', 'agent'],
})
situation(t, lab, 'outbound, the agent comes a second late', {
  ...cameLate,
  asked: 1,
  allowed: ['both sides'],
})

t.test('a customer who is silent, refuses, or whose question fails, is not recorded', async t => {
  for (const { scene, call, answered } of played) {
    const [decision, next] = scene
    t.equal(call.decision, decision, scene.join(', '))
    t.strictSame(call.recordings, [])
    t.match(
      call.events.findLast(({ type }) => type === 'call.released'),
      { next },
    )
    t.ok(isHeard(answered.heard.samples(), disclosure), 'the customer hears the disclosure')
  }
})

t.test('whatever the line says then, nobody is left behind', async t => {
  for (const { scene, agent, answered, busy, served } of played) {
    const [, next] = scene
    if (next === 'continue') continue
    t.ok(busy > BUSY_SHARE, `${scene.join(', ')}: the agent hears a busy tone: ${busy} of two seconds`)
    t.match(agent.end, { by: 'pbx' }, 'the agent’s call ends by itself')
    if (next === 'hangup') t.match(answered.end, { by: 'pbx' }, 'so does the customer’s')
    else t.ok(served, 'the customer is served elsewhere, after the agent has gone')
  }
})

t.test('a customer who hangs up in the question leaves no agent behind', async t => {
  t.ok(left.busy > BUSY_SHARE, `the agent hears a busy tone: ${left.busy} of two seconds`)
  const call = await left.agent.finish()
  t.equal(call.decision, 'abandoned')
  t.strictSame(call.recordings, [])
})

t.test('neither does one who hangs up at once', t => {
  // To the PBX such a call may not have been answered at all.
  t.match(leftAtOnce.agent.caller.end, { by: /^(pbx|refusal)$/ })
  t.end()
})

t.test('a customer for whom no agent is there is not asked, and hears nothing', async t => {
  const { answered, end, busy } = cameTooLate
  t.match(end, { by: 'pbx' }, 'the customer’s call ends by itself')
  t.ok(rmsDbfs(answered.heard.samples()) < AUDIBLE_DBFS)
  t.strictSame(await listCalls(lab.db, name => name, { caller: customerOf(TOO_LATE) }), [])
  t.ok(busy > BUSY_SHARE, `an agent who comes too late hears a busy tone: ${busy} of two seconds`)
})

t.test('where the question takes longer than the agent waits, it ends, and both talk', t => {
  const { decision, recordings, events } = tookTooLong.call
  t.equal(decision, 'failed')
  t.strictSame(recordings, [])
  t.match(
    events.find(({ type }) => type === 'call.released'),
    { reason: 'left' },
  )
  t.end()
})

t.test('within U an agent who hangs up does not end the question, and the call ends after it', t => {
  const { call, end } = askedOn
  t.equal(call.decision, 'silent')
  t.strictSame(call.recordings, [])
  t.match(end, { by: 'pbx' })
  t.end()
})

t.test('no channel is left', async t => {
  t.equal(await channelsLeft(lab), '0 active channels')
  t.strictSame((await lab.verify()).faults, [])
})
