// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// A signal stops the service, as trouble of the machine would. Another signal continues it.
import t from 'tap'
import { epochMs } from '../../lab/time.js'
import { exactly, none } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertEventOrder,
  assertReachesAgent,
  assertStoredParts,
  assertUnrecorded,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  firstEvent,
  killAndRestart,
  longLine,
  shortLine,
  timelineAfter,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

const site = await startCallLab(t, {
  lines: [shortLine('301'), longLine('302'), shortLine('303', { waitMs: 6_000 })],
})
const { service } = site.lab

t.test('a frozen service does not keep callers from the agent for more than 8 s', async t => {
  const [talking, inPrompt, inQuestion, pressing, confirmed] = await Promise.all([
    dialAndGrant(site, '301'),
    dialIntoDisclosure(site, '302'),
    dialIntoQuestion(site, '303'),
    dialIntoQuestion(site, '303'),
    dialIntoDisclosure(site, '301'),
  ])
  await confirmed.caller.press('1')
  await confirmed.waitForEvent('recording.prepared')
  service.kill('SIGSTOP')
  const frozenAt = epochMs()
  const arriving = await PlacedCall.place(site, { number: '301' })
  const arrivedAt = epochMs()
  await pressing.caller.press('1')
  await Promise.all([
    ...[inPrompt, inQuestion, pressing, confirmed].map(call => assertReachesAgent(t, site, call, frozenAt)),
    assertReachesAgent(t, site, arriving, arrivedAt),
  ])
  service.kill('SIGCONT')

  await t.test('the service journals each rescue and each outcome once when it runs again', async t => {
    for (const call of [inPrompt, inQuestion, pressing, arriving]) {
      await call.waitForEvent('call.rescued')
      const journal = await timelineAfter(call, 'call.decided')
      if (call === arriving) {
        // The service hears of this caller too late, and usually does not ask.
        t.match(journal, { decision: 'failed', recordings: none })
        t.notOk(firstEvent(journal, 'recording.prepared'), 'nothing was prepared')
      } else {
        assertUnrecorded(t, journal)
        assertEventOrder(t, journal, ['call.started', 'consent.answered', 'call.decided'])
      }
      t.equal(countEvents(journal, 'call.rescued'), 1, 'rescued once')
      t.match(firstEvent(journal, 'call.rescued'), { by: 'keeper', reason: 'service-frozen' })
    }
  })

  await t.test('a yes that was committed before the freeze stays, but its call is not recorded', async t => {
    await confirmed.waitForEvent('call.rescued')
    await confirmed.waitForEvent('call.decided')
    const journal = await timelineAfter(confirmed, 'recording.failed')
    t.match(journal, { decision: 'granted', purposes: exactly({ answer: 'granted' }), recordings: none })
    t.match(firstEvent(journal, 'recording.failed'), { reason: 'left' })
    t.notMatch(firstEvent(journal, 'call.released'), { tapped: true })
    t.equal(countEvents(journal, 'call.rescued'), 1, 'rescued once')
  })

  await t.test('a running recording loses no audio', async t => {
    const journal = await talking.finish()
    t.notOk(firstEvent(journal, 'recording.gap'), 'no gap')
    t.notOk(firstEvent(journal, 'call.rescued'), 'the call was not rescued')
    const [recording] = journal.recordings
    t.match(await site.open(recording!.id), { complete: true })
    await assertStoredParts(t, site, 1)
  })

  await t.test('new calls are asked and recorded', async t => {
    await waitUntilTakesCalls(site)
    const call = await dialAndGrant(site, '301')
    await assertReachesAgent(t, site, call)
    t.match(await call.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
    t.strictSame((await site.verify()).faults, [])
  })
})

t.test('a service that is gone does not keep callers from the agent for more than 8 s', async t => {
  const [inPrompt, inQuestion] = await Promise.all([
    dialIntoDisclosure(site, '302'),
    dialIntoQuestion(site, '303'),
  ])
  service.stopSupervising()
  service.kill('SIGKILL')
  const killedAt = epochMs()
  await until(() => service.pid === undefined)
  const arriving = await PlacedCall.place(site, { number: '301' })
  await Promise.all([
    ...[inPrompt, inQuestion].map(call => assertReachesAgent(t, site, call, killedAt)),
    // This call never enters the application, so it does not wait.
    assertReachesAgent(t, site, arriving, undefined, 5_000),
  ])
  service.start()
  await service.waitUntilReady()
  for (const call of [inPrompt, inQuestion]) {
    await call.waitForEvent('call.rescued')
    const journal = await timelineAfter(call, 'call.decided')
    assertUnrecorded(t, journal, 'left')
    t.equal(countEvents(journal, 'call.rescued'), 1, 'rescued once')
    t.match(firstEvent(journal, 'call.rescued'), { by: 'keeper', reason: 'service-gone' })
  }
  await arriving.waitForEvent('call.released')
  t.match(
    await arriving.read(),
    { decision: 'failed', recordings: [] },
    'a call without a service passed unasked',
  )
  await assertStoredParts(t, site, 2)
})

t.test('a service that restarts does not decide again about a call that the keeper rescued', async t => {
  const call = await dialIntoDisclosure(site, '302')
  service.kill('SIGSTOP')
  await assertReachesAgent(t, site, call)
  service.kill('SIGCONT')
  await call.waitForEvent('call.rescued')
  await killAndRestart(site, 'SIGKILL')
  await dialAndGrant(site, '301')
  assertUnrecorded(t, (await call.read())!)
})
