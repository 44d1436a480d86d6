// Real: Asterisk with its queue, SIP callers, the service and its keeper, PostgreSQL, and the dialplan of docs/install-freepbx.md. Fake:
// FreePBX. The contexts around that dialplan have its names and are joined as it joins them.
import { readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../src/process/project.js'
import { blocksOf } from '../install/guides/guide.js'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { checkCall, hasHeardAgent, summarizeEvents } from '../support/lab/call-checks.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const blocks = blocksOf(readFileSync(join(projectRoot(), 'docs', 'install-freepbx.md'), 'utf8'))
const dialplan = blocks.filter(({ info }) => info === 'ini run').map(({ text }) => text)

/** An inbound route with a Custom Destination, the queue 600 with one member, and an extension, each as FreePBX writes them. */
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

[ext-queues]
exten => 600,1,Answer()
 same =>     n,Set(__FROMQUEUEEXTEN=\${CALLERID(number)})
 same =>     n,Queue(600,t,,,60)
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

${dialplan.join('\n')}`

const line = (number: string) =>
  quickLine(number, { purposes: [quickPurpose('service', { question: LONG_PROMPT })] })
const site = await startCallLab(t, { extensions: freepbx, lines: [line('4951234567'), line('4957654321')] })
const { pbx } = site.lab
const queues = join(pbx.dir, 'etc', 'queues.conf')

t.test('each block of the page is run here, or is an example', async t => {
  t.equal(dialplan.length, 2)
  t.strictSame(
    blocks.filter(({ info }) => info !== 'ini run' && !/^\w+ example$/.test(info)),
    [],
  )
})

t.test('callers of a queue and of an extension are asked first, and recorded with their agent', async t => {
  await appendFile(queues, '\n[600]\nstrategy = ringall\ntimeout = 10\nmember => Local/701@from-queue/n\n')
  await pbx.cli('queue reload all')
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
