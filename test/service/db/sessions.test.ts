// Real: the embedded PostgreSQL, and one with other settings. Fake: none.
import t from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import { Secret } from '../../../src/core/secret.js'
import { checkServer } from '../../../src/db/check-server.js'
import { connect } from '../../../src/db/connection.js'
import { openDatabase, sql } from '../../../src/db/database.js'
import { startJournal } from '../../../src/journal/journal.js'
import { exactly } from '../../support/assertions/exactly.js'
import { started } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS } from '../../support/data/journal.js'
import { createWarningLog } from '../../support/fakes/warning-log.js'
import { silent, testDatabase } from '../../support/processes/database.js'
import { startExternalDatabase } from '../../support/processes/external-database.js'

t.setTimeout(300_000)

const NUMBER = '+79001234567'

const checked = async (url: string): Promise<string[]> => {
  const { log, warnings } = createWarningLog()
  await checkServer(new Secret(url), log)
  return warnings
}

t.test('commits are on disk, in spite of settings of database and role', async t => {
  const { db, asOwner, server } = await testDatabase(t)
  const commits = async () => {
    const own = await connect(server.url, 'test')
    const pool = openDatabase(server.url)
    const pooled = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(pool)
    const { rows } = await own.query<{ synchronous_commit: string }>('show synchronous_commit')
    await own.close()
    await pool.close()
    return [...rows, ...pooled.rows].map(row => row.synchronous_commit)
  }
  t.strictSame(await commits(), ['on', 'on'])
  await asOwner.query('alter database consentry set synchronous_commit = off')
  t.strictSame(await commits(), ['on', 'on'], 'off does not hold')
  for (const stronger of ['remote_apply', 'local']) {
    await asOwner.query(`alter database consentry set synchronous_commit = ${stronger}`)
    t.strictSame(await commits(), [stronger, stronger], 'whoever waits for this disk may say for what else')
  }
  await db.close()
  t.strictSame(await checked(server.url), [], 'nothing is wrong with the embedded one')
})

t.test('a statement sees all earlier commits, in spite of the database’s isolation level', async t => {
  const { db, asOwner, server } = await testDatabase(t)
  await asOwner.query(`alter database consentry set default_transaction_isolation = 'repeatable read'`)
  const own = await connect(server.url, 'test')
  const pool = openDatabase(server.url)
  const show = 'show default_transaction_isolation'
  const [pooled, { rows }] = [await sql.raw(show).execute(pool), await own.query(show)]
  t.strictSame(
    [...rows, ...pooled.rows],
    [
      { default_transaction_isolation: 'read committed' },
      { default_transaction_isolation: 'read committed' },
    ],
  )
  await own.close()
  await pool.close()
  await db.close()
})

t.test('no connection lets the server log parameters with an error', async t => {
  const { db, asOwner, server } = await testDatabase(t)
  await asOwner.query('alter database consentry set log_parameter_max_length_on_error = -1')
  const own = await connect(server.url, 'test')
  const pool = openDatabase(server.url)
  const show = 'show log_parameter_max_length_on_error'
  const [pooled, { rows }] = [await sql.raw(show).execute(pool), await own.query(show)]
  const nothing = { log_parameter_max_length_on_error: '0' }
  t.strictSame([...rows, ...pooled.rows], [nothing, nothing])
  await own.close()
  await pool.close()
  await db.close()
})

t.test('a database that does not sync is refused', async t => {
  const lax = await startExternalDatabase(t, () => ['fsync=off', 'full_page_writes=off'])
  await t.rejects(checkServer(new Secret(lax.url), silent), { code: 'config.invalid', message: /fsync = on/ })
})

t.test(
  'a database that logs statements logs no number after its superuser has followed the warnings',
  async t => {
    const own = await startExternalDatabase(t, () => ['log_statement=all', 'full_page_writes=off'])
    t.match(
      await checked(own.url),
      exactly(/full_page_writes = off/, /log_error_verbosity = terse/, /log_parameter_max_length = 0/),
    )
    const write = async () => {
      const journal = startJournal(own.url, silent)
      await journal.append([started(newCallId(), NUMBER)], APPEND_LIMIT_MS)
      await t.rejects(journal.append([started(newCallId(), `${NUMBER}\u0000`)], APPEND_LIMIT_MS), {
        code: 'journal.refused',
      })
      await journal.stop()
    }
    await write()
    t.match(own.logged(), NUMBER, 'it does before')
    await own.superuser.query('alter role consentry set log_parameter_max_length = 0')
    await own.superuser.query('alter role consentry set log_error_verbosity = terse')
    t.match(await checked(own.url), exactly(/full_page_writes = off/))
    const before = own.logged().length
    await write()
    const since = own.logged().slice(before)
    t.match(since, 'insert into event_personal', 'statements are logged')
    t.notMatch(since, NUMBER.slice(1))
  },
)
