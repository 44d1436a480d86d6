// Real: PostgreSQL. Fake: none. The pool of connections that pages and commands share.
import t, { type Test } from 'tap'
import { type Database, openDatabase, sql } from '../../../src/db/database.js'
import { NetworkProxy } from '../../support/lab/network-proxy.js'
import { testDatabase, until } from '../../support/processes/database.js'

/** More than the pool has. */
const QUERIES = 8

t.test('a query that gets no connection in time says that the database is unavailable', async t => {
  const { server } = await testDatabase(t)
  const db = openDatabase(server.url, 200)
  t.teardown(() => db.close())
  const slow = () => sql`select pg_sleep(2)`.execute(db)
  const ended = await Promise.allSettled(Array.from({ length: QUERIES }, slow))
  const failed = ended.flatMap(one => (one.status === 'rejected' ? [one.reason] : []))
  t.match(failed, { length: QUERIES - 5 })
  for (const error of failed)
    t.match(error, {
      code: 'db.unavailable',
      retryable: true,
      message: /none came free, in time.*check that PostgreSQL runs/,
    })
  await t.resolves(sql`select 1`.execute(db), 'a later one gets one')
})

t.test('so does one to a database that is away', async t => {
  const db = openDatabase('postgres://consentry:secret@127.0.0.1:1/calls')
  t.teardown(() => db.close())
  await t.rejects(sql`select 1`.execute(db), {
    code: 'db.unavailable',
    message:
      /^The database "calls" at 127\.0\.0\.1:1 cannot be reached: no program accepts connections there/,
  })
})

/** Begins a query that never ends by itself, and asserts that it is rejected. @returns resolves when it is */
async function beginEndless(t: Test, url: string, db: Database): Promise<{ rejected: Promise<unknown> }> {
  const rejected = t.rejects(sql`select pg_sleep(3600)`.execute(db), { message: /Connection terminated/ })
  const other = openDatabase(url)
  t.teardown(() => other.close())
  await until(async () => {
    const { rows } = await sql`select from pg_stat_activity where wait_event = 'PgSleep'`.execute(other)
    return rows.length > 0
  })
  return { rejected }
}

t.test('a connection that breaks under a query rejects it, and the pool goes on', async t => {
  const { server } = await testDatabase(t)
  const network = await NetworkProxy.startForTest(t, server.url)
  const db = openDatabase(network.url)
  t.teardown(() => db.close())
  const { rejected } = await beginEndless(t, server.url, db)
  network.cut('everything')
  await rejected
  network.restore()
  await t.resolves(sql`select 1`.execute(db))
})

t.test('a query that does not end does not delay the close, and is rejected', async t => {
  const { server } = await testDatabase(t)
  const db = openDatabase(server.url)
  const { rejected } = await beginEndless(t, server.url, db)
  await db.close()
  await rejected
})
