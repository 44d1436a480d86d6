// Real: PostgreSQL. Fake: none. The pool of connections that pages and commands share.
import t from 'tap'
import { openDatabase, sql } from '../../../src/db/database.js'
import { testDatabase } from '../../support/processes/database.js'

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
