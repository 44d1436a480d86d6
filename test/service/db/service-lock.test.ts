// Real: PostgreSQL, connections, locks of sessions. Fake: the services, which are only locks in this process.
import t, { type Test } from 'tap'
import { type NodeId, newNodeId } from '../../../src/core/ids.js'
import { connect } from '../../../src/db/connection.js'
import { holdServiceLock } from '../../../src/db/service-lock.js'
import { acquireSessionLock, holderOf } from '../../../src/db/session-lock.js'
import { matchEach } from '../../support/assertions/match-each.js'
import {
  BEGIN_HELD,
  silent,
  type TestDatabase,
  testDatabase,
  until,
} from '../../support/processes/database.js'

/** How long another session's lock may stay before it counts as another service's, ms. Short for a test. */
const CONFLICT_MS = 800
const LOOK_MS = 100

interface Wanted {
  id: NodeId
  node?: string
  replaces?: NodeId
}

/** Starts a service's lock until the test ends. */
async function hold(t: Test, { db }: Pick<TestDatabase, 'db'>, { id, node = 'here', replaces }: Wanted) {
  const own = { id, node, replaces, version: '1.2.3' }
  const lock = await holdServiceLock(db, { ...own, conflictMs: CONFLICT_MS, checkMs: LOOK_MS }, silent)
  t.teardown(() => lock.stop())
  return { lock }
}

/** Ends the connections that hold locks, like a restart of the database. */
const cutLocks = ({ asService }: TestDatabase) =>
  asService.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'consentry service %'",
  )

t.test('a copied data folder is refused while its original runs', async t => {
  const database = await testDatabase(t)
  const id = newNodeId()
  const first = await hold(t, database, { id })
  const copy = hold(t, database, { id })
  await t.rejects(copy, { code: 'config.invalid', message: /has the id of this data folder/ })
  await first.lock.stop()
  const successor = await hold(t, database, { id })
  t.equal(successor.lock.id, id, 'the successor of the first service has its id')
})

/** The nodes that work on a database, by their names. */
const working = async ({ asService }: TestDatabase) =>
  (await asService.query<{ name: string }>('select name from node where forgotten_at is null')).rows.map(
    ({ name }) => name,
  )

t.test('a second node is refused, whether the first one runs or not', async t => {
  const database = await testDatabase(t)
  const [id, other] = [newNodeId(), newNodeId()]
  const first = await hold(t, database, { id, node: 'north' })
  const second = () => hold(t, database, { id: other, node: 'south' })
  await t.rejects(second(), {
    code: 'config.invalid',
    message: new RegExp(`north \\(${id}\\), last seen .* It runs now.*CONSENTRY_REPLACES=${id}\\.$`),
  })
  await first.lock.stop()
  await t.rejects(second(), { code: 'config.invalid', message: /disks of that node\.(?!.*It runs now)/ })
  t.strictSame(await working(database), ['north'], 'it has registered nothing')
  await hold(t, database, { id, node: 'north-2' })
  t.strictSame(
    await working(database),
    ['north-2'],
    'the same data folder starts again, also under another name',
  )
})

t.test('a node whose data folder is lost is replaced, once it has ended, and does not come back', async t => {
  const database = await testDatabase(t)
  const [lost, id] = [newNodeId(), newNodeId()]
  const first = await hold(t, database, { id: lost, node: 'lost' })
  const replace = () => hold(t, database, { id, node: 'new', replaces: lost })
  await t.rejects(replace(), { code: 'config.invalid', message: /It runs now/ })
  await first.lock.stop()
  const another = hold(t, database, { id, node: 'new', replaces: newNodeId() })
  await t.rejects(another, { code: 'config.invalid' })
  const { lock } = await replace()
  t.strictSame(await working(database), ['new'])
  await lock.stop()
  await t.rejects(hold(t, database, { id: lost, node: 'lost' }), { code: 'config.invalid', message: /new/ })
  await hold(t, database, { id, node: 'new', replaces: lost })
})

t.test('of two nodes that start for the first time at once, one is refused', async t => {
  const database = await testDatabase(t)
  const starts = ['one', 'two'].map(node => hold(t, database, { id: newNodeId(), node }))
  const outcomes = (await Promise.allSettled(starts)).map(({ status }) => status)
  t.strictSame(outcomes.sort(), ['fulfilled', 'rejected'])
})

t.test('an id that another service acquired while the database was away is reported', async t => {
  const database = await testDatabase(t)
  const id = newNodeId()
  const { lock } = await hold(t, database, { id })
  const thief = await connect(database.server.url, 'thief')
  t.teardown(() => thief.cut())
  await until(async () => {
    await cutLocks(database)
    return acquireSessionLock(thief, { name: 'service', item: id, purpose: 'thief' })
  })
  await t.resolves(
    until(() => lock.copied),
    'the copy is reported',
  )
  thief.cut()
  await t.resolves(
    until(() => !lock.copied),
    'the report ends with the other service',
  )
})

t.test('another running service with the same name is reported', async t => {
  const database = await testDatabase(t)
  const { lock } = await hold(t, database, { id: newNodeId(), node: 'pbx' })
  const other = await connect(database.server.url, 'other')
  t.teardown(() => other.cut())
  const id = newNodeId()
  await other.query("insert into node (id, name, version) values ($1, 'pbx', '0')", [id])
  await acquireSessionLock(other, { name: 'service', item: id, purpose: 'other' })
  await until(() => lock.namesakes === 1)
  await other.close()
  await until(() => lock.namesakes === 0)
})

t.test(
  'an outage of the database does not end the service, which acquires the lock again afterwards',
  async t => {
    const database = await testDatabase(t)
    const id = newNodeId()
    const { lock } = await hold(t, database, { id })
    process.kill(database.server.pid, 'SIGSTOP')
    const stopped = database.server.pid
    // The service checks its lock several times in this time.
    await new Promise(resolve => setTimeout(resolve, 5 * LOOK_MS))
    t.notOk(lock.copied)
    process.kill(stopped, 'SIGCONT')
    process.kill(stopped, 'SIGKILL')
    await until(() => database.server.pid !== stopped)
    const held = `select ${holderOf('service', `'${id}'`)} as held`
    await until(async () => {
      try {
        const look = await connect(database.server.adminUrl, 'look')
        const { rows } = await look.query<{ held: boolean }>(held)
        await look.close()
        return rows[0]!.held
      } catch {
        return false
      }
    })
    t.notOk(lock.copied)
    await lock.stop()
  },
)

t.test('the heartbeat of a running service moves, and its node is told with name and version', async t => {
  const database = await testDatabase(t)
  const { lock } = await hold(t, database, { id: newNodeId(), node: 'pbx' })
  const read = async () =>
    (
      await database.asService.query<{ name: string; version: string; started_at: Date; seen_at: Date }>(
        'select name, version, started_at, seen_at from node',
      )
    ).rows
  const [first] = await read()
  t.match(first, { name: 'pbx', version: '1.2.3' })
  await until(async () => (await read())[0]!.seen_at > first!.seen_at)
  matchEach(t, await read(), [{ name: 'pbx', version: '1.2.3', started_at: first!.started_at }])
  await database.asOwner.query('delete from node')
  await until(async () => (await read()).length === 1)
  await lock.stop()
  const last = await read()
  await new Promise(resolve => setTimeout(resolve, 5 * LOOK_MS))
  t.strictSame(await read(), last, 'no heartbeat after the end')
})

t.test('a heartbeat that hangs in the database does not hold up the end of the service', async t => {
  const database = await testDatabase(t)
  const { lock } = await hold(t, database, { id: newNodeId() })
  await database.asOwner.query(BEGIN_HELD)
  await database.asOwner.query('lock table node in share mode')
  const waiting = `select 1 from pg_stat_activity
    where application_name like 'consentry service %' and wait_event_type = 'Lock'`
  // Only the same role may see what a session waits for.
  await until(async () => (await database.asService.query(waiting)).rows.length > 0)
  await t.resolves(lock.stop(), 'it ends while the table is locked')
  // On a busy machine the server may have ended this idle transaction itself.
  await database.asOwner.query('rollback').catch(() => undefined)
})

t.test('a database that is away at the start is an error, not an endless wait', async t => {
  const { server, db } = await testDatabase(t)
  await server.stop()
  await t.rejects(hold(t, { db }, { id: newNodeId() }), { code: 'db.unavailable' })
})
