// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, pipes at which file operations hang. Fake: none.
// The service is stopped, or started, while a store hangs. In one test all of its threads hang.
import { join } from 'node:path'
import t from 'tap'
import { pollUntil as within } from '../../lab/process/start-process.js'
import { epochMs } from '../../lab/time.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  dialIntoDisclosure,
  longLine,
  shortLine,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { hangMark } from '../support/processes/hung-files.js'
import { isAlive } from '../support/processes/recorder-setup.js'

/**
 * Longest wait in these tests, ms. A service gives up a hanging store after 20 s, and ends in the same time if all of its parts hang. A
 * busy machine takes longer.
 */
const LIMIT_MS = 90_000

const site = await startCallLab(t, { lines: [shortLine('301'), longLine('302')] })
const { lab } = site
const { service, ready } = lab

t.test(
  'a service that is stopped while its stores hang ends, and the next one continues the recording',
  async t => {
    const talking = await dialAndGrant(site, '301')
    await talking.waitForEvent('recording.part-started')
    const agrees = await dialIntoDisclosure(site, '301')
    const pid = service.pid!
    const releases = await Promise.all([hangMark(join(ready.data, 'store')), hangMark(ready.keys)])
    const struck = epochMs()
    await agrees.caller.press('1')
    await assertReachesAgent(t, site, agrees, struck)
    service.kill('SIGTERM')
    t.ok(await within(async () => !isAlive(pid), LIMIT_MS), 'the service has ended')
    for (const release of releases) await release()
    await service.waitUntilReady()
    t.ok(await talking.caller.heard.waitForAudio(5_000, -90), 'the call goes on')
    await agrees.caller.hangup()
    t.match(await talking.finish(), { recordings: exactly({ state: 'finished' }) })
    t.strictSame((await site.verify()).faults, [])
  },
)

t.test('the keeper rescues the callers of a service whose threads all hang', async t => {
  await service.restart({ ...service.overrides, UV_THREADPOOL_SIZE: '1' })
  const [agrees, listens] = await Promise.all([
    dialIntoDisclosure(site, '301'),
    dialIntoDisclosure(site, '302'),
  ])
  const release = await hangMark(ready.keys)
  const struck = epochMs()
  await agrees.caller.press('1')
  await Promise.all([agrees, listens].map(call => assertReachesAgent(t, site, call, struck)))
  t.match(await listens.waitForEvent('call.rescued'), { reason: 'service-frozen' })
  await release()
  await waitUntilTakesCalls(site)
  const next = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, next)
  t.match(await next.finish(), { recordings: exactly({ state: 'finished' }) })
  await Promise.all([agrees, listens].map(call => call.caller.hangup()))
  await service.restart({ ...service.overrides, UV_THREADPOOL_SIZE: '64' })
})

t.test('a service that starts while its key store hangs says so, and callers reach the agent', async t => {
  await service.stop()
  const release = await hangMark(ready.keys)
  service.start()
  const call = await PlacedCall.place(site, { number: '301' })
  await call.caller.waitForAnswer()
  await assertReachesAgent(t, site, call, call.caller.answeredAt)
  const said = async () => /CONSENTRY_KEYSTORE does not answer within 20 s/.test(await service.log())
  t.ok(await within(said, LIMIT_MS), 'the log says what hangs')
  await release()
  await service.waitUntilReady()
  await call.caller.hangup()
  const next = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, next)
  t.match(await next.finish(), { recordings: exactly({ state: 'finished' }) })
})
