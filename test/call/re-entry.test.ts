// Real Asterisk, PostgreSQL, service and SIP callers, all at once. The dialplan runs each into the Gosub a second time.
import t from 'tap'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { quickLine } from '../support/data/quick-lines.js'
import { hasHeardAgent } from '../support/lab/call-checks.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { AGENT_LIMIT_MS } from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

/** Callers of each kind. Their number makes the news of an arrival overtake the PBX's answer to the order before. */
const CALLERS = 15

const extensions = `
exten => 312,1,Gosub(consentry,s,1)
 same =>     n,Gosub(consentry,s,1)
 same =>     n,Dial(Local/talk@lab-agent)

[elsewhere]
exten => 311,1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/talk@lab-agent)
`
const lab = await startCallLab(t, {
  extensions,
  lines: [
    quickLine('311', { onRefused: { do: 'transfer', context: 'elsewhere', extension: '311', priority: 1 } }),
    quickLine('312'),
  ],
})

/** A caller who presses a key in the disclosure, waits for the agent and hangs up. */
async function call(number: string, key: string): Promise<{ placed: PlacedCall; journal: CallTimeline }> {
  const placed = await PlacedCall.place(lab, { number })
  await placed.caller.waitForAnswer(60_000)
  await pressInDisclosure(key)(placed)
  await placed.waitForEvent('call.passed-through')
  await placed.waitForAgent()
  return { placed, journal: await placed.finish() }
}

const at = ({ events }: CallTimeline, name: string) =>
  Date.parse(String(events.findLast(({ type }) => type === name)?.at))

const calls = await Promise.all(
  Array.from({ length: CALLERS }, () => [call('311', '2'), call('312', '1')]).flat(),
)

t.test('nobody who comes back waits for the PBX to answer the order before', async t => {
  const waits = calls.map(
    ({ journal }) => at(journal, 'call.passed-through') - at(journal, 'consent.answered'),
  )
  t.strictSame(
    waits.filter(ms => !(ms < AGENT_LIMIT_MS)),
    [],
    `from the answer to the second visit, ms: ${waits}`,
  )
  for (const { placed } of calls) t.ok(hasHeardAgent(lab, placed), 'the agent is heard')
})

t.test('each visit is released once, and none is recorded twice', async t => {
  for (const { journal } of calls) {
    const { decision, events, recordings } = journal
    const visits = events.map(({ type }) => type).filter(type => /released|passed-through/.test(type))
    t.strictSame(visits, ['call.released', 'call.passed-through', 'call.released'])
    t.equal(recordings.length, decision === 'granted' ? 1 : 0)
    t.match(recordings, decision === 'granted' ? [{ state: 'finished' }] : [])
  }
})
