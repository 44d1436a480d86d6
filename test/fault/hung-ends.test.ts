// Real: everything. A service is told to stop, or started, while a place hangs; all threads of another one hang.
import { join } from 'node:path'
import t from 'tap'
import { pollUntil as within } from '../../lab/process/start-process.js'
import { epochMs } from '../../lab/time.js'
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

/** A service takes 20 s to give up a place, and as long to end in which all of its parts hang; a busy machine more, ms. */
const LIMIT_MS = 90_000

const site = await startCallLab(t, { lines: [shortLine('301'), longLine('302')] })
const { lab } = site
const { service, ready } = lab

t.test('a service that is told to stop while places hang ends, and the next one records on', async t => {
  const talking = await dialAndGrant(site, '301')
  await talking.waitForEvent('recording.part-started')
  const agrees = await dialIntoDisclosure(site, '301')
  const pid = service.pid!
  const releases = await Promise.all([hangMark(join(ready.data, 'store')), hangMark(ready.keys)])
  const struck = epochMs()
  await agrees.caller.press('1')
  await assertReachesAgent(t, site, agrees, struck)
  service.kill('SIGTERM')
  t.ok(await within(async () => !isAlive(pid), LIMIT_MS), 'it has ended')
  for (const release of releases) await release()
  await service.waitUntilReady()
  t.ok(await talking.caller.heard.waitForAudio(5_000, -90), 'who talked goes on talking')
  await agrees.caller.hangup()
  t.match(await talking.finish(), { recordings: [{ state: 'finished' }] })
  t.match(await site.verify(), { faults: [] })
})

t.test('a service all of whose threads hang cannot prove that it works: its callers are rescued', async t => {
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
  t.match(await next.finish(), { recordings: [{ state: 'finished' }] })
  await Promise.all([agrees, listens].map(call => call.caller.hangup()))
  await service.restart({ ...service.overrides, UV_THREADPOOL_SIZE: '64' })
})

t.test('a service that is started while its key store hangs says so, and callers go straight on', async t => {
  await service.stop()
  const release = await hangMark(ready.keys)
  service.start()
  const call = await PlacedCall.place(site, { number: '301' })
  await call.caller.waitForAnswer()
  await assertReachesAgent(t, site, call, call.caller.answeredAt)
  const said = async () => /CONSENTRY_KEYSTORE does not answer within 20 s/.test(await service.log())
  t.ok(await within(said, LIMIT_MS), 'it says what hangs')
  await release()
  await service.waitUntilReady()
  await call.caller.hangup()
  const next = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, next)
  t.match(await next.finish(), { recordings: [{ state: 'finished' }] })
})
