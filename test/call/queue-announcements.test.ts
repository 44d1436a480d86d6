// Real: Asterisk with a queue, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// A queue announces to the waiting caller, and to the agent who answers. Neither is an agent.
// Long only: what a queue announces; `call/freepbx` has the queue.
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { dial, finish, LIMIT, waitUntilConnected } from '../support/situations/company.js'

/** Length of what the agent hears before the caller, ms. */
const ANNOUNCED_MS = 3_000
const LINE = '852'

const { agents } = await openPhones(t, 'agents')
const lab = await startCallLab(t, {
  extensions: `
exten => ${LINE},1,Gosub(consentry,s,1)
 same =>       n,Queue(announcing)
exten => ${LINE}1,1,Dial(${agents.agentEndpoint},30)
`,
  lines: [quickLine(LINE)],
  // Whatever is no trunk is of the company, so that a channel of an announcement would be an agent.
  env: { CONSENTRY_INSIDE: '!PJSIP/caller' },
})
const { pbx } = lab.lab
const sound = join(pbx.dir, 'announcement')
await writeFile(`${sound}.alaw`, Buffer.alloc(ANNOUNCED_MS * 8, 0x55))
await appendFile(
  join(pbx.dir, 'etc', 'queues.conf'),
  // A phone that has not registered counts as away, and a queue does not ring it. What is behind a `Local` channel counts as free.
  `
[announcing]
strategy = ringall
announce = ${sound}
periodic-announce = ${sound}
periodic-announce-frequency = 2
min-announce-frequency = 1
member => Local/${LINE}1@from-lab/n
`,
)
await pbx.cli('queue reload all')

t.test('what a queue announces is no agent', async t => {
  const placed = await dial(lab, LINE)
  const ring = agents.waitForRing(LIMIT)
  const { at: released } = await placed.waitForEvent('call.released')
  await ring
  const answeredAt = Date.now()
  const agent = await agents.answer(await ring)
  await waitUntilConnected(agent, placed.caller)
  const { events } = await finish(placed)
  const joined = events.filter(({ type }) => type === 'call.agent-joined')
  matchEach(t, joined, [{ agent: 'PJSIP/agent', queue: 'announcing' }])
  const waited = Date.parse(joined[0]!.at) - answeredAt
  t.ok(waited >= ANNOUNCED_MS - 500, `the agent is there ${waited} ms after the answer`)
  t.ok(released < joined[0]!.at)
  t.notOk(events.some(({ type }) => type === 'call.party-joined'))
})
