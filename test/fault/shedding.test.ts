// Real: everything. The service may record two calls at once; it is held up by signals, again and again, so that it is late.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { readMetric, waitForAlarm } from '../support/assertions/alarms.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  firstEvent,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

/** For how long the service stands in each turn, ms: less than what counts as a standstill, which has its own rules. */
const HELD_MS = 400
/** For how long it runs in between, ms. */
const LET_GO_MS = 60

const site = await startCallLab(t, {
  lines: [shortLine('301')],
  env: { CONSENTRY_MAX_RECORDINGS: '2', CONSENTRY_MAX_LAG: '150' },
})
const { service } = site.lab
const running = await Promise.all(['301', '301'].map(number => dialAndGrant(site, number)))

/** A call that is not asked, reaches the agent, and says in the journal why. */
async function passes(t: Test, reason: string): Promise<void> {
  const call = await PlacedCall.place(site, { number: '301' })
  await call.caller.waitForAnswer()
  await assertReachesAgent(t, site, call)
  const journal = await timelineAfter(call, 'call.released')
  t.strictSame(
    journal.events.map(({ type }) => type).filter(type => type !== 'call.ended'),
    ['call.started', 'call.decided', 'call.released'],
  )
  t.match(firstEvent(journal, 'call.decided'), { decision: 'failed', reason })
  await call.finish()
}

t.test('with as many recordings as may be, a new call passes unasked', async t => {
  await waitForAlarm(site, 'too-many-recordings', true)
  await passes(t, 'too-many-recordings')
  t.equal(
    await readMetric(site, 'consentry_calls_shed_total{reason="too-many-recordings"}'),
    1,
    'one call was shed',
  )
  t.equal(await readMetric(site, 'consentry_gate_open'), 0, 'the gate is shut')
})

t.test('when one of them is over, calls are asked again', async t => {
  t.match(await running.pop()!.finish(), { recordings: [{ state: 'finished' }] })
  await waitForAlarm(site, 'too-many-recordings', false)
  running.push(await dialAndGrant(site, '301'))
  await running.pop()!.finish()
})

t.test('a service that is late with its work asks nobody', async t => {
  const over = new AbortController()
  const held = (async () => {
    while (!over.signal.aborted) {
      service.kill('SIGSTOP')
      await pause(HELD_MS)
      service.kill('SIGCONT')
      await pause(LET_GO_MS)
    }
  })()
  await waitForAlarm(site, 'overloaded', true)
  await passes(t, 'overloaded')
  over.abort()
  await held
  await waitForAlarm(site, 'overloaded', false)
  t.equal(await readMetric(site, 'consentry_calls_shed_total{reason="overloaded"}'), 1, 'one call was shed')
})

t.test('nothing of it harmed what ran, and calls are recorded again', async t => {
  const call = await dialAndGrant(site, '301')
  for (const one of [...running, call]) {
    const journal = await one.finish()
    t.match(journal, { recordings: [{ state: 'finished' }] })
    t.notOk(firstEvent(journal, 'recording.gap'), 'no gap')
  }
  t.match((await site.verify()).faults, [])
})
