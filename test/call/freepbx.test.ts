// Real: Asterisk with its queues, SIP callers and phones, the service and its keeper, PostgreSQL, and the dialplan of docs/install-freepbx.md. Fake:
// FreePBX. The contexts around that dialplan have its names and are joined as it joins them.
import { readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { AnsweredCall } from '../../lab/phone.js'
import { projectRoot } from '../../src/process/project.js'
import { blocksOf } from '../install/guides/guide.js'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { checkCall, hasHeardAgent, summarizeEvents } from '../support/lab/call-checks.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { dial, finish, LIMIT, pickUp, waitUntilConnected } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

const blocks = blocksOf(readFileSync(join(projectRoot(), 'docs', 'install-freepbx.md'), 'utf8'))
const dialplan = blocks.filter(({ info }) => info === 'ini run').map(({ text }) => text)

/** What everybody sounds like, Hz. */
const HZ = { before: 3_170, caller: 1_730, agent: 830, refuser: 610 }
const { first, second, third, fourth } = await openPhones(t, 'first', 'second', 'third', 'fourth')

/**
 * Inbound routes with Custom Destinations, the queue 600 with one member, the queue 610 with two, the ring group 620, and extensions, each
 * as FreePBX writes them.
 */
const freepbx = `
exten => _495XXXXXXX,1,Goto(from-pstn,\${EXTEN},1)

[from-pstn]
include => from-pstn-custom
include => ext-did

[ext-did]
exten => 4951234567,1,Set(__FROM_DID=\${EXTEN})
 same =>            n,Goto(consentry-support,4951234567,1)
exten => 4957654321,1,Set(__FROM_DID=\${EXTEN})
 same =>            n,Goto(consentry-office,4957654321,1)

exten => 4950000610,1,Gosub(consentry,s,1)
 same =>            n,Goto(ext-queues,610,1)
exten => 4950000620,1,Gosub(consentry,s,1)
 same =>            n,Goto(ext-group,620,1)

[ext-queues]
exten => _6[01]0,1,Answer()
 same =>     n,Set(__FROMQUEUEEXTEN=\${CALLERID(number)})
 same =>     n,Queue(\${EXTEN},t,,,60)
 same =>     n,Hangup()

[ext-group]
exten => 620,1,Dial(Local/713@from-internal/n&Local/714@from-internal/n,30,Ttr)
 same =>     n,Hangup()

[from-queue]
exten => _X.,1,Goto(from-internal,\${EXTEN},1)

[from-did-direct]
include => ext-local

[from-internal]
include => ext-local

[ext-local]
exten => 701,1,Dial(Local/talk@lab-agent,30,Ttr)
 same =>     n,Hangup()
exten => 711,1,Dial(${first.agentEndpoint},30,Ttr)
exten => 712,1,Dial(${second.agentEndpoint},30,Ttr)
exten => 713,1,Dial(${third.agentEndpoint},30,Ttr)
exten => 714,1,Dial(${fourth.agentEndpoint},30,Ttr)

${dialplan.join('\n')}`

const line = (number: string) =>
  quickLine(number, { purposes: [quickPurpose('service', { question: LONG_PROMPT })] })
const site = await startCallLab(t, {
  extensions: freepbx,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [line('4951234567'), line('4957654321'), quickLine('4950000610'), quickLine('4950000620')],
})
const { pbx } = site.lab
const queues = join(pbx.dir, 'etc', 'queues.conf')
await appendFile(
  queues,
  `
[600]
strategy = ringall
timeout = 10
member => Local/701@from-queue/n
[610]
strategy = ringall
timeout = 4
retry = 1
member => Local/711@from-queue/n
member => Local/712@from-queue/n
`,
)
await pbx.cli('queue reload all')

t.test('each block of the page is run here, or is an example', async t => {
  t.equal(dialplan.length, 2)
  t.strictSame(
    blocks.filter(({ info }) => info !== 'ini run' && !/^\w+ example$/.test(info)),
    [],
  )
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
