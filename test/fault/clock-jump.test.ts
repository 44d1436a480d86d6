// Real: everything but the service's wall clock, and PostgreSQL's at the end, which libfaketime moves; the monotonic clock
// goes on.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { TOOL_ENV } from '../../src/db/embedded/binaries.js'
import { DAY_MS, dayOf } from '../../src/shared/clock.js'
import { readMetric, waitForAlarm } from '../support/assertions/alarms.js'
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

/** Due tomorrow: on the wrong day they would go, or be promised. */
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
  t.test(`a jump ${name} of more than a day`, async t => {
    const running = await dialAndGrant(site, '301')
    await jump(`${days > 0 ? '+' : ''}${days}d`)
    await waitForAlarm(site, 'clock-jumped', true)
    const { byMs } = (await eventsOf('clock.jumped')).at(-1)!.data as { byMs: number }
    t.ok(Math.abs(byMs - days * DAY_MS) < 60_000, `told: by ${byMs} ms`)
    t.ok(Math.abs(await readMetric(site, 'consentry_clock_off_seconds')) > DAY_MS / 1000, 'a day off')

    const began = await dialAndGrant(site, '301')
    await running.waitForEvent('recording.part-started')
    const journals = await Promise.all([running, began].map(call => call.finish()))
    for (const journal of journals) {
      t.match(journal, { recordings: [{ state: 'finished' }] })
      const at = journal.events.map(event => Date.parse(String(event.at)))
      t.ok(Math.max(...at) - Math.min(...at) < 60_000, 'time goes on as before')
    }
    const [due] = [...new Set(journals.map(one => firstEvent(one, 'recording.prepared')?.['due']))]
    const start = Date.parse(String(journals[0]!.startedAt))
    t.ok([start, start + 60_000].map(at => dayOf(at + DAY_MS)).includes(String(due)), 'due on its day')
    await jump('+0')
    await waitForAlarm(site, 'clock-jumped', false)
    t.match((await eventsOf('clock.settled')).at(-1)?.data, { how: 'back' })
  })
}

t.test('nothing is purged by a clock that has jumped, until the operator says that it is right', async t => {
  await jump('+3d')
  await waitForAlarm(site, 'clock-jumped', true)
  // Before that, by a clock that was right, there may have been one.
  const earlier = await eventsOf('purge.finished')
  t.match(await purge(), { code: 1, err: /clock differs/ }, 'the command refuses')
  // The next service purges soon after its start, unless it knows of the jump.
  await killAndRestart(site, 'SIGKILL')
  await until(async () => (await service.log()).includes('nothing is purged'))
  await waitForAlarm(site, 'clock-jumped', true)
  t.strictSame(await eventsOf('purge.finished'), earlier)
  await assertStoredParts(t, site, 4)
  t.match((await site.verify()).faults, [])

  await rm(join(ready.data, 'run', 'clock.json'))
  await waitForAlarm(site, 'clock-jumped', false)
  t.match((await eventsOf('clock.settled')).at(-1)?.data, { how: 'accepted' })
  t.match(await purge(), { code: 1, err: /PostgreSQL's says/ }, "but PostgreSQL's clock is another one")
  await assertStoredParts(t, site, 4)
  // PostgreSQL sees the new time as well.
  await database.stop()
  Object.assign(TOOL_ENV, moved)
  await database.start()
  await waitUntilTakesCalls(site)
  t.match(await purge(), { code: 0 })
  t.match((await eventsOf('purge.finished')).at(-1)?.data, { due: 4, destroyed: 4 })
})
