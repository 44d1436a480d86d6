// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, a small file system in memory. Fake: none.
// The store fills up; no file may grow; the tap folder disappears; the limit of open files is lowered; a caller is silent.
// Long only: further alarms; `fault/stores` has the commonest.
import { execFile } from 'node:child_process'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { connect } from '../../src/db/connection.js'
import { readMetric, readReadiness, waitForAlarm } from '../support/assertions/alarms.js'
import { exactly } from '../support/assertions/exactly.js'
import { marker } from '../support/data/marker.js'
import { startCallLab, withStoreAt } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  dialIntoDisclosure,
  firstEvent,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { childrenOf } from '../support/processes/children.js'
import { until } from '../support/processes/database.js'
import { inNamespace } from '../support/processes/namespace.js'

const run = promisify(execFile)

/** Size of the store's file system, bytes. A service needs less than that before it begins a recording. */
const ROOM = 48 * 1024 * 1024

/** Free space when the store is nearly full, bytes. */
const LITTLE = 8 * 1024 * 1024

const lab = await startCallLab(t, {
  lines: [shortLine('301')],
  env: { CONSENTRY_SILENT_LEG: '6' },
  service: false,
})
const { service, ready } = lab.lab
const folder = join(ready.data, 'store')
service.launcher = inNamespace(`mkdir -p ${folder}; mount -t tmpfs -o size=${ROOM},mode=0700 tmpfs ${folder}`)
service.start()
await service.waitUntilReady()
/** The disk as the service sees it. */
const disk = `/proc/${service.pid}/root${folder}`
const site = await withStoreAt(lab, `file:${disk}`)
const filler = join(disk, 'filler')

t.test('a store that becomes full raises an alarm and truncates recordings, and calls go on', async t => {
  const running = await dialAndGrant(site, '301')
  await running.waitForEvent('recording.part-started')
  await writeFile(filler, Buffer.alloc(ROOM - LITTLE))
  await waitForAlarm(site, 'store-unwritable', true)
  t.match(await readReadiness(site), { status: 503, parts: { store: false, keys: true, tap: true } })
  const refused = await PlacedCall.place(site, { number: '301' })
  await assertReachesAgent(t, site, refused)
  const unasked = await timelineAfter(refused, 'call.released')
  t.match(firstEvent(unasked, 'call.decided'), { decision: 'failed', reason: 'store-unwritable' })
  t.notOk(firstEvent(unasked, 'consent.asked'), 'the caller is not asked')
  t.notOk(
    firstEvent((await running.read())!, 'recording.finished'),
    'a running recording goes on while some space is left',
  )

  await t.rejects(writeFile(filler, Buffer.alloc(ROOM)), { code: 'ENOSPC' })
  const finished = await running.waitForEvent('recording.finished')
  t.match(finished, { state: 'truncated', reason: 'store.unwritable' })
  t.ok(await running.caller.heard.waitForAudio(30_000, -90), 'the call goes on')
  const { seconds } = await site.open(String(finished['recording']))
  t.ok(seconds > 4, `the stored audio opens: ${seconds} s`)
  t.equal(finished['seconds'], seconds, 'the journal says how long it is')

  await rm(filler)
  await waitForAlarm(site, 'store-unwritable', false)
  t.equal((await readReadiness(site)).status, 200, 'the service is ready')
  await Promise.all([running.finish(), refused.finish()])
})

t.test('a service that can write no file truncates its recordings and lives on', async t => {
  const { pid } = service
  const running = await dialAndGrant(site, '301')
  await running.waitForEvent('recording.part-started')
  const processes = [pid!, ...(await childrenOf(pid!))]
  const setLimit = (to: string) =>
    Promise.all(processes.map(one => run('prlimit', ['--pid', String(one), `--fsize=${to}:`])))
  await setLimit('0')
  const finished = await running.waitForEvent('recording.finished')
  t.match(finished, { state: 'truncated', reason: 'store.unwritable' })
  await waitForAlarm(site, 'store-unwritable', true)
  t.ok(await running.caller.heard.waitForAudio(30_000, -90), 'the call goes on')
  await setLimit('unlimited')
  await waitForAlarm(site, 'store-unwritable', false)
  t.equal(service.pid, pid, 'the same service runs')
  t.equal((await readReadiness(site)).status, 200)
  await running.finish()
})

t.test('a recording goes on without a gap during these faults', async t => {
  const running = await dialAndGrant(site, '301')

  await t.test('a missing tap folder raises an alarm, and a new call goes on unrecorded', async t => {
    await rename(ready.tap, `${ready.tap}.aside`)
    await writeFile(ready.tap, 'no folder')
    await waitForAlarm(site, 'tap-unavailable', true)
    t.match(await readReadiness(site), { status: 503, parts: { store: true, tap: false } })
    const call = await dialIntoDisclosure(site, '301')
    await call.caller.press('1')
    await assertReachesAgent(t, site, call)
    t.match(firstEvent(await timelineAfter(call, 'call.released'), 'recording.failed'), {
      reason: 'tap.unavailable',
    })
    await rm(ready.tap)
    await rename(`${ready.tap}.aside`, ready.tap)
    await waitForAlarm(site, 'tap-unavailable', false)
    await call.finish()
  })

  await t.test('a reached limit of open files raises an alarm, and a new call is shed', async t => {
    const limit = await readMetric(site, 'process_max_fds')
    const open = await readMetric(site, 'process_open_fds')
    const setLimit = (to: number) => run('prlimit', ['--pid', String(service.pid), `--nofile=${to}:`])
    await setLimit(open + 30)
    await waitForAlarm(site, 'file-limit', true)
    const call = await PlacedCall.place(site, { number: '301' })
    await call.caller.waitForAnswer()
    await assertReachesAgent(t, site, call)
    const journal = await timelineAfter(call, 'call.released')
    t.match(firstEvent(journal, 'call.decided'), { decision: 'failed', reason: 'file-limit' })
    t.notOk(firstEvent(journal, 'prompt.ended'), 'nothing was asked')
    t.equal(await readMetric(site, 'consentry_calls_shed_total{reason="file-limit"}'), 1, 'one call was shed')
    await setLimit(limit)
    await waitForAlarm(site, 'file-limit', false)
    await call.finish()
  })

  await t.test('a silent caller raises an alarm until the caller speaks', async t => {
    const { recording } = await running.waitForEvent('recording.prepared')
    const raised = await running.waitForEvent('alarm.raised')
    t.match(raised, { alarm: 'leg-silent', recording, leg: 'caller' })
    for (let heard = false; !heard; ) {
      await running.caller.say(marker)
      heard = (await running.read())!.events.some(({ type }) => type === 'alarm.cleared')
    }
    const events = (await running.read())!.events
    t.match(
      events.filter(({ type }) => type === 'alarm.raised').map(({ leg }) => leg),
      exactly('caller'),
      'there is no alarm about the agent, who speaks',
    )
  })

  const over = await running.finish()
  t.match(over, { recordings: exactly({ state: 'finished' }) }, 'the recording is complete')
  t.notOk(firstEvent(over, 'recording.gap'), 'no gap')
})

t.test('after these faults calls are recorded, and every stored recording is intact', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { recordings: exactly({ state: 'finished' }) })
  t.strictSame((await site.verify()).faults, [])
  t.ok((await readMetric(site, 'consentry_recordings_started_total')) >= 4, 'recordings have begun')
  t.equal(
    await readMetric(site, 'consentry_recordings_ended_total{state="truncated"}'),
    2,
    'two recordings were truncated',
  )
})

t.test('a database that refuses every event is not ready, and calls go on', async t => {
  const owner = await connect(lab.lab.database.adminUrl, 'test')
  t.teardown(() => owner.close())
  await owner.query(`
    create function refuse_all() returns trigger language plpgsql as $$ begin raise exception 'not today'; end $$;
    create trigger refuse_all before insert on event for each row execute function refuse_all()`)
  const call = await dialIntoDisclosure(site, '301')
  await call.caller.press('1')
  await assertReachesAgent(t, site, call)
  await until(async () => (await readReadiness(site)).status === 503)
  t.match(await readReadiness(site), { parts: { database: false, store: true, keeper: true } })
  await until(async () => (await readMetric(site, 'consentry_alarm{alarm="events-refused"}')) > 0)
  await call.caller.hangup()
  await owner.query('drop trigger refuse_all on event')
  await until(async () => (await readReadiness(site)).status === 200)
})
