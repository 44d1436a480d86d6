// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, pipes at which file operations hang. Fake: none.
// The service is killed, stopped, or started, while a store or a file in it hangs. In one test all of its threads hang.
// Long only: disks that hang at a start; `fault/frozen` has a service that hangs.
import { join } from 'node:path'
import t from 'tap'
import { pollUntil as within } from '../../lab/process/start-process.js'
import { epochMs } from '../../lab/time.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  AGENT_LIMIT_MS,
  assertReachesAgent,
  dialAndGrant,
  dialIntoDisclosure,
  killAndReload,
  longLine,
  measureLateness,
  shortLine,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { assertTalkComplete, startTalk } from '../support/lab/unbroken-talk.js'
import { hangFile, hangMark } from '../support/processes/hung-files.js'
import { isAlive } from '../support/processes/recorder-setup.js'

/**
 * Longest wait in these tests, ms. A service gives up a hanging store after 20 s, and ends in the same time if all of its parts hang. A
 * busy machine takes longer.
 */
const LIMIT_MS = 90_000
/** From the load of the next service's code until it has a prompt played, ms. The load takes a second on a quiet machine. */
const SERVED_MS = AGENT_LIMIT_MS - 1_000

const site = await startCallLab(t, { lines: [shortLine('301'), longLine('302')] })
const { lab } = site
const { service, ready } = lab

t.test(
  'a service whose start hangs at a key file serves callers, and continues the recording later',
  async t => {
    const talking = await startTalk(site)
    const waits = await dialIntoDisclosure(site, '302')
    // Of a call that the journal does not have yet, the next service knows nothing.
    await waits.waitForEvent('call.started')
    const keys: string[] = []
    for await (const key of site.keyStore.list()) keys.push(...site.keyStore.locate(key))
    t.equal(keys.length, 1)
    const release = await hangFile(keys[0]!)
    const allowance = measureLateness()
    const loadedAt = await killAndReload(site, 'SIGKILL')
    const apology = await waits.waitForEvent('prompt.ended', event => event['role'] === 'apology')
    const served = Math.round(Date.parse(apology.at) - Number(apology['heardMs']) - loadedAt)
    const late = allowance()
    t.ok(
      served <= SERVED_MS + late,
      `the waiting caller hears a prompt within ${SERVED_MS} ms: ${served} ms; processes may have been ${late} ms late`,
    )
    const next = await PlacedCall.place(site, { number: '301' })
    await next.caller.waitForAnswer()
    await Promise.all([
      assertReachesAgent(t, site, next, next.caller.answeredAt),
      ...[next, waits].map(({ caller }) => caller.press('1')),
    ])
    await assertReachesAgent(t, site, waits)
    t.match(await service.log(), /store or key store does not answer/)
    await release()
    await talking.waitForEvent('recording.part-started', ({ number }) => number === 2)
    await assertTalkComplete(t, site, talking, { parts: 2, closed: false })
    for (const call of [next, waits])
      t.match(await call.finish(), { recordings: exactly({ state: 'finished' }) })
    t.strictSame((await site.verify()).faults, [])
  },
)

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
  const logged = (await service.log()).length
  service.start()
  const call = await PlacedCall.place(site, { number: '301' })
  await call.caller.waitForAnswer()
  await assertReachesAgent(t, site, call, call.caller.answeredAt)
  const said = async () =>
    /CONSENTRY_KEYSTORE does not answer within 20 s/.test((await service.log()).slice(logged))
  t.ok(await within(said, LIMIT_MS), 'the log says what hangs')
  await release()
  await service.waitUntilReady()
  await call.caller.hangup()
  const next = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, next)
  t.match(await next.finish(), { recordings: exactly({ state: 'finished' }) })
})
