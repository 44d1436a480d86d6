// Real: PostgreSQL, files of the transparency log. Fake: the time since the insertion of events, which the superuser moves.
import { join } from 'node:path'
import t from 'tap'
import { connect } from '../../../src/db/connection.js'
import { openDatabase } from '../../../src/db/database.js'
import { lockKey } from '../../../src/db/locks.js'
import { startJournal } from '../../../src/journal/journal.js'
import { drainInFlightWrites } from '../../../src/journal/write/in-flight-writes.js'
import { startLog } from '../../../src/log/start-log.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { silent, until } from '../../support/processes/database.js'
import { asStranger } from '../../support/processes/stranger.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  someEvents,
  startLogSetup,
  updateLog,
  verifyDatabase,
} from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const settings = logSettingsIn(join(home.dir, 'one'), { roundMs: 10 })
await journalAndLog(home.url(), settings, someEvents(20))
const superuser = await home.superuser()
t.teardown(() => superuser.cut())

t.test('a role without privileges can lock no table of the log', async t => {
  const stranger = await asStranger(t, { url: home.url() }, superuser)
  for (const statement of [
    'lock table event in row exclusive mode',
    'lock table log_checkpoint in row exclusive mode',
  ]) {
    await t.rejects(stranger.query(`begin; ${statement}`), { code: '42501' }, statement)
    await stranger.query('rollback')
  }
  const db = openDatabase(home.url())
  t.teardown(() => db.close())
  await t.resolves(drainInFlightWrites(db, silent, { warn: 5_000, end: 1, giveUp: 1 }))
  await journalAndLog(home.url(), settings, someEvents(20))
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir)), [])
})

t.test('a log that the superuser holds up says so, and so does verify', async t => {
  const log = startLog(settings, home.url(), silent)
  t.teardown(() => log.stop())
  await until(() => log.state.size === 40)
  await superuser.query(`begin; select pg_advisory_xact_lock(${lockKey('log')})`)
  const journal = startJournal(home.url(), silent)
  await journal.append(someEvents(3), 60_000)
  await journal.stop()
  await until(() => log.state.behindMs > 500)
  t.match(log.state, { size: 40, fault: undefined })
  await superuser.query('rollback')
  await until(() => log.state.size === 43)
  t.equal((await verifyDatabase(home.url(), settings.dir)).checked.events, 43)
})

t.test('events that wait for over a minute are a fault, and may have been rewritten', async t => {
  const journal = startJournal(home.url(), silent)
  await journal.append(someEvents(3), 60_000)
  await journal.stop()
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir)), [], 'they have a minute')
  await superuser.query(
    `update event set entered_at = entered_at - interval '61 s', data = data || '{"attempt":9}' where id > 43`,
  )
  const { faults } = await verifyDatabase(home.url(), settings.dir)
  matchEach(t, faults, [{ kind: 'event-unlogged', where: 'events 44 to 46', what: /^3 events have been/ }])
  await updateLog(home.url(), settings)
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir)), [])
})

t.test('events without any log are a fault, too', async t => {
  await superuser.query('truncate log_cosignature, log_checkpoint, log')
  const { faults } = await verifyDatabase(home.url(), join(home.dir, 'none'))
  matchEach(t, faults, [{ kind: 'event-unlogged' }])
})

t.test('the role of the service cannot say when an event was inserted, or which id it has', async t => {
  const service = await connect(home.url(), 'test')
  t.teardown(() => service.cut())
  const insert = (column: string, value: string) =>
    service.query(
      `insert into event (uuid, at, type, data, ${column}) overriding system value
       values (gen_random_uuid(), now(), 'service.stopped', '{}', ${value})`,
    )
  await t.rejects(insert('entered_at', "'2026-01-01'"), { code: '42501' })
  await t.rejects(insert('id', '1000000'), { code: '42501' })
})
