// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// What becomes of calls that meet a PBX just started, or about to be restarted.
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  dialIntoQuestion,
  firstEvent,
  shortLine,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

const LIMIT_MS = 60_000

const site = await startCallLab(t, {
  lines: [shortLine('301'), shortLine('302', { retries: 0 }), shortLine('303')],
})
const { service, pbx } = site.lab
t.teardown(() => service.kill('SIGCONT'))

/** Restarts a PBX that was killed. It has no service until the service is continued. */
async function restartWithoutService(): Promise<void> {
  pbx.kill('SIGKILL')
  service.kill('SIGSTOP')
  await pbx.restart()
}

t.test('a call that passed unasked while the PBX had no service is journalled, with its end', async t => {
  await restartWithoutService()
  const call = await PlacedCall.place(site, { number: '301' })
  // Nobody but the agent answers.
  await call.caller.waitForAnswer(LIMIT_MS)
  service.kill('SIGCONT')
  t.match(await call.waitForEvent('call.decided'), { decision: 'failed', reason: 'pbx-unheard' })
  await call.caller.hangup()
  await call.waitForEvent('call.ended')
  const journal = await call.finish()
  t.strictSame(
    journal.events.map(({ type }) => type),
    ['call.started', 'call.decided', 'call.released', 'call.ended'],
  )
  t.match(firstEvent(journal, 'call.started'), { line: '301' })
  t.match(firstEvent(journal, 'call.ended'), { cause: 16, phase: 'talking' })
  t.strictSame(journal.recordings, [])
})

t.test('so is one that is over before the service is back, once, without its caller’s number', async t => {
  await waitUntilTakesCalls(site)
  // Asterisk names a channel by the second in which it is made. This one must not have the name of the channel before the restart.
  await pause(1_000)
  await restartWithoutService()
  const call = await PlacedCall.place(site, { number: '303' }, { line: '303' })
  await call.caller.waitForAnswer(LIMIT_MS)
  await call.caller.hangup()
  await until(async () => /^0 active channels/m.test(await pbx.cli('core show channels')))
  service.kill('SIGCONT')
  await call.waitForEvent('call.ended')
  const journal = await call.finish()
  t.match(journal, { caller: '', decision: 'failed' })
  t.strictSame(
    journal.events.map(({ type }) => type),
    ['call.started', 'call.decided', 'call.released', 'call.ended'],
  )
  t.match(firstEvent(journal, 'call.decided'), { reason: 'pbx-unheard' })
  t.match(firstEvent(journal, 'call.ended'), { cause: null, phase: 'talking' })
  // The PBX still keeps the call when the service connects to it again.
  await service.stop()
  service.start()
  await waitUntilTakesCalls(site)
  const calls = site.db.selectFrom('call').select('id').where('line', '=', '303')
  t.equal((await calls.execute()).length, 1)
})

t.test(
  'a PBX that waits for its end says so to nobody: who is asked then reaches no agent, and that is journalled',
  async t => {
    await waitUntilTakesCalls(site)
    const call = await dialIntoQuestion(site, '302')
    // As `core restart gracefully` does: from now on it makes no channel, so that no order of ours would lead to the agent either.
    await pbx.cli('core stop gracefully')
    t.match(await call.waitForEvent('call.released'), { next: 'continue', tapped: false })
    t.match(await pbx.log(), /Refusing due to active shutdown/)
    await pbx.restart()
    await call.waitForEvent('call.ended')
  },
)

t.test('who is asked reaches the agent if the service is stopped before Asterisk is restarted', async t => {
  await waitUntilTakesCalls(site)
  const call = await dialIntoQuestion(site, '302')
  await service.stop()
  await assertReachesAgent(t, site, call)
  t.match(await call.waitForEvent('call.decided'), { decision: 'failed' })
  // The console does not answer before Asterisk has ended. `core restart gracefully` waits as this does.
  const stopped = pbx.cli('core stop gracefully').catch(() => '')
  t.match(await pbx.cli('core show channels'), /active calls?|during shutdown/)
  t.equal(call.caller.end, undefined, 'the talk goes on')
  await call.caller.hangup()
  await stopped
  await pbx.restart()
  service.start()
  await call.waitForEvent('call.ended')
})

t.test('after these restarts a call is recorded', async t => {
  await waitUntilTakesCalls(site)
  await assertReachesAgent(t, site, await dialAndGrant(site, '301'))
})
