// Real: PostgreSQL, files of the transparency log. Fake: none.
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../../src/db/database.js'
import { startJournal } from '../../../src/journal/journal.js'
import { proveEvents } from '../../../src/log/prove.js'
import { startLog } from '../../../src/log/start-log.js'
import { makeReceipt } from '../../../src/receipts/make-receipt.js'
import { recordedCall } from '../../support/data/call-events.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { silent, until } from '../../support/processes/database.js'
import { journalAndLog, logSettingsIn, someEvents, startLogSetup } from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const settings = logSettingsIn(join(home.dir, 'one'))
const server = await home.superuser('postgres')
await journalAndLog(home.url(), settings, someEvents(20))
await server.query('create database older template consentry')
await journalAndLog(home.url(), settings, someEvents(20))
await server.close()

t.test('over an older state of the database the log stops and gives the reason in one sentence', async t => {
  const log = startLog(settings, home.url('older'), silent)
  t.teardown(() => log.stop())
  await until(() => log.state.stopped !== undefined)
  t.match(log.state.stopped, /40 events were signed.* an older state had been restored\.$/)
})

t.test('the log stops while its key file is invalid, and goes on afterwards', async t => {
  const aside = `${settings.keyFile}.aside`
  await rename(settings.keyFile, aside)
  await writeFile(settings.keyFile, 'no key')
  const log = startLog(settings, home.url(), silent)
  t.teardown(() => log.stop())
  await until(() => log.state.stopped !== undefined)
  await rename(aside, settings.keyFile)
  await until(() => log.state.size === 40)
  t.equal(log.state.stopped, undefined)
})

t.test('a folder that cannot be written stops the log until an operator acts', async t => {
  const place = { ...settings, dir: join(home.dir, 'file', 'log') }
  await writeFile(join(home.dir, 'file'), 'no folder')
  const log = startLog(place, home.url(), silent)
  t.teardown(() => log.stop())
  await until(() => log.state.stopped !== undefined)
  await rm(join(home.dir, 'file'))
  await until(() => log.state.size === 40)
  t.equal(log.state.stopped, undefined)
})

t.test('a log that is only followed does not count as stopped', async t => {
  const follower = { ...logSettingsIn(join(home.dir, 'two')), keyFile: join(home.dir, 'nothing') }
  const log = startLog(follower, home.url(), silent)
  t.teardown(() => log.stop())
  await until(() => log.state.size === 40)
  t.match(log.state, { signs: false, stopped: undefined })
})

t.test('a log whose database is away does not count as stopped', async t => {
  const log = startLog(settings, 'postgres://nobody:none@127.0.0.1:1/nowhere', silent)
  t.teardown(() => log.stop())
  await until(() => log.state.fault !== undefined)
  t.equal(log.state.stopped, undefined)
})

t.test('a proof from a stopped log fails at once and says so', async t => {
  const call = recordedCall()
  const journal = startJournal(home.url('older'), silent)
  await journal.append(call.events, 60_000)
  await journal.stop()
  const db = openDatabase(home.url('older'), CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const receipt = makeReceipt(db, call.call, { log: settings.dir, personal: true })
  await t.rejects(receipt, {
    code: 'journal.inconsistent',
    retryable: false,
    message: /has stopped.*consentry verify/,
  })
})

t.test('a proof from a log that no service extends may be retried', async t => {
  const call = recordedCall()
  const journal = startJournal(home.url(), silent)
  await journal.append(call.events, 60_000)
  await journal.stop()
  const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const ids = call.events.map(({ id }) => id)
  await t.rejects(proveEvents(db, settings.dir, ids), {
    code: 'not-found',
    retryable: true,
    message: /A running service that has the log's key/,
  })
})
