// Real: PostgreSQL, frozen or behind a network that loses its connections. Fake: that network.
// A query never waits without end for a database that is silent, and its connection does not go back to the pool.
// Alone: it takes long, and the files after it would wait.
import t, { type Test } from 'tap'
import { openDatabase, sql } from '../../../src/db/database.js'
import { migrate } from '../../../src/db/migrate.js'
import { NetworkProxy } from '../../support/lab/network-proxy.js'
import { childrenOf } from '../../support/processes/children.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { BEGIN_HELD, testDatabase, until } from '../../support/processes/database.js'

t.setTimeout(300_000)
const { server, asOwner } = await testDatabase(t)

/** Connections of a pool. */
const CONNECTIONS = 5
const AWAY = { code: 'db.unavailable', retryable: true }
const NO_ANSWER = {
  ...AWAY,
  message: /^The database "consentry" at .* does not answer: a query got no answer/,
}

/** A pool that reaches the database over a network of ours, with all its connections open. */
async function reachedOver(t: Test) {
  const network = await NetworkProxy.startForTest(t, server.url)
  const db = openDatabase(network.url, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  await Promise.all(Array.from({ length: CONNECTIONS }, () => sql`select pg_sleep(0.2)`.execute(db)))
  return { network, db }
}

/** Freezes the server with all its processes. @returns lets it go on */
async function freeze(t: Test): Promise<() => void> {
  const { pid } = server
  process.kill(pid, 'SIGSTOP')
  const pids = [pid, ...(await childrenOf(pid))]
  for (const one of pids) process.kill(one, 'SIGSTOP')
  const release = () => {
    for (const one of pids.splice(0))
      try {
        process.kill(one, 'SIGCONT')
      } catch {
        // It has ended.
      }
  }
  t.teardown(release)
  return release
}

/** The errors of all, which must fail. */
const errorsOf = async (queries: Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(queries)).map(one => (one.status === 'rejected' ? one.reason : 'an answer'))

t.test('a pool closes although the database is frozen, and nothing keeps the process', async t => {
  const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
  const before = sockets()
  const db = openDatabase(server.url)
  await sql`select 1`.execute(db)
  const own = await db.connect('test')
  t.ok(sockets() > before)
  const goOn = await freeze(t)
  await Promise.all([db.close(), own.close()])
  await until(() => sockets() <= before)
  goOn()
})

t.test('a frozen database leaves no query waiting, and the pool works as soon as it goes on', async t => {
  const db = openDatabase(server.url)
  t.teardown(() => db.close())
  const own = await db.connect('test')
  t.teardown(() => own.cut())
  const ask = () => sql`select pg_sleep(0.2)`.execute(db)
  await Promise.all(Array.from({ length: CONNECTIONS }, ask))
  const goOn = await freeze(t)
  const queries = Array.from({ length: CONNECTIONS + 3 }, ask)
  const errors = await errorsOf([...queries, own.query('select 1')])
  for (const error of errors) t.match(error, AWAY)
  t.equal(errors.filter(error => /a new connection gets none/.test(String(error))).length, CONNECTIONS + 1)
  // One after the other: a connection that still waits for an answer would be taken again.
  for (let i = 0; i < CONNECTIONS; i++) t.match((await errorsOf([ask()]))[0], AWAY)
  goOn()
  await until(() =>
    ask().then(
      () => true,
      () => false,
    ),
  )
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, ask))
})

t.test(
  'a transaction ends with its connection when the network is silent, and so does a migration',
  async t => {
    const { network, db } = await reachedOver(t)
    const owner = new URL(server.adminUrl)
    owner.port = new URL(network.url).port
    await asOwner.query(`${BEGIN_HELD}; lock table kysely_migration in access exclusive mode`)
    const migrating = migrate(owner.href)
    const failed = errorsOf([migrating])
    await until(async () => {
      const { rows } = await asOwner.query(
        `select from pg_locks where relation = 'kysely_migration'::regclass and not granted`,
      )
      return rows.length > 0
    })
    const changing = db.transaction().execute(async trx => {
      await sql`select 1`.execute(trx)
      network.stall()
      await sql`select 2`.execute(trx)
    })
    t.match((await errorsOf([changing]))[0], NO_ANSWER)
    t.match((await failed)[0], NO_ANSWER)
    await asOwner.query('rollback')
    network.restore()
    await sql`select 1`.execute(db)
  },
)

t.test('connections that are dead while the database answers others are found, too', async t => {
  const { network, db } = await reachedOver(t)
  network.forgetPresent()
  const errors = await errorsOf(
    Array.from({ length: CONNECTIONS }, () => sql`select pg_sleep(0)`.execute(db)),
  )
  for (const error of errors)
    t.match(error, { ...NO_ANSWER, message: /although the database does not work on it/ })
  await Promise.all(Array.from({ length: CONNECTIONS }, () => sql`select 1`.execute(db)))
})

t.test('a query on which the database works may take as long as it needs', async t => {
  const { network, db } = await reachedOver(t)
  await asOwner.query(`${BEGIN_HELD}; lock table installation in access exclusive mode`)
  const before = network.connectionAttempts
  const query = sql`select count(*) from installation`.execute(db)
  await until(() => network.connectionAttempts >= before + 3)
  await asOwner.query('commit')
  await t.resolves(query, 'after several looks')
})

t.test('a query is not ended because the database has no connection left for a look', async t => {
  const { network, db } = await reachedOver(t)
  await asOwner.query('alter database consentry connection limit 1')
  await asOwner.query(`${BEGIN_HELD}; lock table installation in access exclusive mode`)
  const before = network.connectionAttempts
  const query = sql`select count(*) from installation`.execute(db)
  await until(() => network.connectionAttempts >= before + 3)
  await asOwner.query('commit')
  await asOwner.query('alter database consentry connection limit -1')
  await t.resolves(query, 'after several looks that were refused')
})
