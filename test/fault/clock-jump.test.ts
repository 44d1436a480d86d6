// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: the wall clock, by libfaketime.
// The clock of the service and the command jumps, at the end also that of PostgreSQL. The monotonic clock continues.
// Long only: a clock that jumps; `service/recordings` has the purge that waits.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { DAY_MS, dayOf } from '../../src/core/clock.js'
import { TOOL_ENV } from '../../src/db/embedded/binaries.js'
import { readMetric, waitForAlarm } from '../support/assertions/alarms.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertStoredParts,
  dialAndGrant,
  firstEvent,
  killAndRestart,
  purpose,
  shortLine,
  waitUntilTakesCalls,
} from '../support/lab/fault-lab.js'
import { consentry } from '../support/processes/command.js'
import { until } from '../support/processes/database.js'
import { falseClock } from '../support/processes/false-clock.js'

/** Recordings are due tomorrow. With a wrong clock they would be destroyed too early, or get a wrong due day. */
const SHORT = { ...purpose(), retentionDays: 1 }

const site = await startCallLab(t, { lines: [shortLine('301', { purposes: [SHORT] })], service: false })
const { service, ready, database } = site.lab
const { env: moved, move: jump } = await falseClock(join(ready.data, 'lab', 'faketime'))
service.overrides = { ...service.overrides, ...moved }
service.start()
await service.waitUntilReady()

const eventsOf = (type: 'purge.finished' | 'clock.jumped' | 'clock.settled') =>
  site.db.selectFrom('event').where('type', '=', type).select('data').orderBy('id').execute()
const purge = () => consentry({ ...site.lab.env, ...moved }, 'purge', '--json')

for (const [name, days] of [
  ['forwards', 1.5],
  ['back', -1.5],
] as const) {
  t.test(
    `a clock that jumps ${name} by more than a day changes no time of a call and no due day`,
    async t => {
      const running = await dialAndGrant(site, '301')
      await jump(`${days > 0 ? '+' : ''}${days}d`)
      await waitForAlarm(site, 'clock-jumped', true)
      const { byMs } = (await eventsOf('clock.jumped')).at(-1)!.data as { byMs: number }
      t.ok(Math.abs(byMs - days * DAY_MS) < 60_000, `the journal has the size of the jump: ${byMs} ms`)
      t.ok(
        Math.abs(await readMetric(site, 'consentry_clock_off_seconds')) > DAY_MS / 1000,
        'the metric shows more than a day',
      )

      const began = await dialAndGrant(site, '301')
      await running.waitForEvent('recording.part-started')
      const journals = await Promise.all([running, began].map(call => call.finish()))
      for (const journal of journals) {
        t.match(journal, { recordings: exactly({ state: 'finished' }) })
        const at = journal.events.map(event => Date.parse(String(event.at)))
        t.ok(Math.max(...at) - Math.min(...at) < 60_000, 'the times of the events are continuous')
      }
      const [due] = [...new Set(journals.map(one => firstEvent(one, 'recording.prepared')?.['due']))]
      const start = Date.parse(String(journals[0]!.startedAt))
      t.ok(
        [start, start + 60_000].map(at => dayOf(at + DAY_MS)).includes(String(due)),
        'the due day is right',
      )
      await jump('+0')
      await waitForAlarm(site, 'clock-jumped', false)
      t.match((await eventsOf('clock.settled')).at(-1)?.data, { how: 'back' })
    },
  )
}

t.test('nothing is purged after a jump of the clock until the operator accepts the new time', async t => {
  await jump('+3d')
  await waitForAlarm(site, 'clock-jumped', true)
  // A purge may have run before the jump.
  const earlier = await eventsOf('purge.finished')
  t.match(await purge(), { code: 1, err: /clock differs/ }, 'the command refuses')
  // A service that did not know of the jump would purge soon after its start.
  await killAndRestart(site, 'SIGKILL')
  await until(async () => (await service.log()).includes('nothing is purged'))
  await waitForAlarm(site, 'clock-jumped', true)
  t.strictSame(await eventsOf('purge.finished'), earlier)
  await assertStoredParts(t, site, 4)
  t.strictSame((await site.verify()).faults, [])

  await rm(join(ready.data, 'run', 'clock.json'))
  await waitForAlarm(site, 'clock-jumped', false)
  t.match((await eventsOf('clock.settled')).at(-1)?.data, { how: 'accepted' })
  t.match(
    await purge(),
    { code: 1, err: /PostgreSQL's says/ },
    "the command still refuses, because PostgreSQL's clock differs",
  )
  await assertStoredParts(t, site, 4)
  // From now on PostgreSQL has the new time too.
  await database.stop()
  Object.assign(TOOL_ENV, moved)
  await database.start()
  await waitUntilTakesCalls(site)
  t.match(await purge(), { code: 0 })
  t.match((await eventsOf('purge.finished')).at(-1)?.data, { due: 4, destroyed: 4 })
})
