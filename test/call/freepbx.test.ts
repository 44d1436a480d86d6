// Real: Asterisk with its queues, SIP callers and phones, the service and its keeper, PostgreSQL, and the dialplan of docs/install-freepbx.md. Fake:
// FreePBX. The contexts around that dialplan have its names and are joined as it joins them.
import t from 'tap'
import type { AnsweredCall } from '../../lab/phone.js'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { freepbxRecipes, unrunBlocks } from '../support/freepbx/recipes.js'
import { startFreepbx } from '../support/freepbx/start.js'
import { checkCall, hasHeardAgent, summarizeEvents } from '../support/lab/call-checks.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { dial, finish, LIMIT, pickUp, waitUntilConnected } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. */
const HZ = { before: 3_170, caller: 1_730, agent: 830, refuser: 610 }
const { first, second, third, fourth } = await openPhones(t, 'first', 'second', 'third', 'fourth')

const line = (number: string) =>
  quickLine(number, { purposes: [quickPurpose('service', { question: LONG_PROMPT })] })
/** Custom Destinations as the page has them, for another queue and for a ring group. */
const OTHERS = `
[consentry-others]
exten => 4950000610,1,Gosub(consentry,s,1)
 same =>            n,Goto(ext-queues,610,1)
exten => 4950000620,1,Gosub(consentry,s,1)
 same =>            n,Goto(ext-group,620,1)
`
const site = await startFreepbx(t, {
  custom: `${freepbxRecipes()}${OTHERS}`,
  routes: {
    4951234567: 'consentry-support,4951234567,1',
    4957654321: 'consentry-office,4957654321,1',
    4950000610: 'consentry-others,4950000610,1',
    4950000620: 'consentry-others,4950000620,1',
  },
  phones: {
    ...{ 701: 'Local/talk@lab-agent', 711: first.agentEndpoint, 712: second.agentEndpoint },
    ...{ 713: third.agentEndpoint, 714: fourth.agentEndpoint },
  },
  members: { 600: ['701'], 610: ['711', '712'] },
  groups: { 620: ['713', '714'] },
  lab: {
    env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
    lines: [line('4951234567'), line('4957654321'), quickLine('4950000610'), quickLine('4950000620')],
  },
})

t.test('each block of the page is run, or is an example', async t => {
  t.strictSame(unrunBlocks(), [])
})

t.test('callers of a queue and of an extension are asked first, and recorded with their agent', async t => {
  for (const number of ['4951234567', '4957654321']) {
    const call = await PlacedCall.place(site, { number })
    await call.caller.waitForAnswer()
    await call.waitForQuestion()
    await call.caller.press('1')
    await call.waitForAgent()
    const journal = await call.finish()
    checkCall(t, journal)
    t.match(journal, {
      line: number,
      decision: 'granted',
      recordings: [{ purpose: 'service', state: 'finished' }],
    })
    t.ok(summarizeEvents(journal).includes('call.released continue'))
    t.ok(hasHeardAgent(site, call), `${number}: the agent is heard`)
  }
  t.strictSame((await site.verify()).faults, [])
})

t.test('a caller who says no reaches the agent, and nothing is recorded', async t => {
  const call = await PlacedCall.place(site, { number: '4951234567' })
  await call.caller.waitForAnswer()
  await call.waitForQuestion()
  await call.caller.press('2')
  await call.waitForAgent()
  t.match(await call.finish(), { decision: 'refused', recordings: [] })
})

/** Caller and agent talk, and the caller hangs up. */
async function talk(placed: PlacedCall, said: Said, agent: AnsweredCall): Promise<Played> {
  const { caller } = placed
  await Promise.all([waitUntilConnected(agent, caller), waitUntilConnected(caller, agent)])
  await Promise.all([said.by(caller, 'caller', 5_000), said.by(agent, 'agent', 5_000)])
  return { call: await finish(placed), said }
}

/** Both agents of the queue are rung and do not answer. Then one of them does. */
async function queue(): Promise<Played> {
  const placed = await dial(site, '4950000610')
  const said = new Said(HZ, placed.caller)
  await Promise.all([first, second].map(phone => phone.waitForRing(LIMIT)))
  await said.by(placed.caller, 'before')
  return talk(placed, said, await pickUp(second))
}

/** Two phones ring, and one answers. @param key the caller's answer */
async function ringGroup(key: '1' | '2'): Promise<Played> {
  const placed = await dial(site, '4950000620', key)
  const said = new Said(HZ, placed.caller)
  await third.waitForRing(LIMIT)
  const agent = await pickUp(fourth)
  if (key === '1') return talk(placed, said, agent)
  await said.by(placed.caller, 'refuser')
  return { call: await finish(placed), said }
}

const [queued, granted] = await Promise.all([queue(), ringGroup('1')])
const refused = await ringGroup('2')
for (const [title, played] of Object.entries({
  'queue of two agents: nobody answers, then one does': queued,
  'ring group': granted,
}))
  situation(t, site, title, { ...played, asked: 1, allowed: ['both sides'] })
t.test('the journal says from which queue an agent has the caller', async t => {
  const queueOf = ({ call: { events } }: Played) =>
    events.find(({ type }) => type === 'call.agent-joined')?.['queue']
  t.strictSame([queued, granted].map(queueOf), ['610', null])
})
situation(t, site, 'ring group, refused', {
  ...refused,
  asked: 1,
  allowed: ['nothing'],
  unagreed: ['refuser'],
})
