// Real: PostgreSQL, its sessions and locks. Fake: none.
import { sql } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { connect } from '../../../src/db/connection.js'
import { openDatabase } from '../../../src/db/database.js'
import { lockKey, takeTurn } from '../../../src/db/locks.js'
import { migrate } from '../../../src/db/migrate.js'
import { migrationDir } from '../../../src/db/migration-files.js'
import {
  acquireSessionLock,
  holderOf,
  type SessionLock,
  trySessionLock,
  withSessionLock,
} from '../../../src/db/session-lock.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { until } from '../../support/processes/database.js'
import { startLogSetup } from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
t.teardown(() => db.close())
const superuser = await home.superuser()
t.teardown(() => superuser.cut())

const PURGE: SessionLock = { name: 'purge', purpose: 'purge' }
const act = (item: string): SessionLock => ({ name: 'acts', item, purpose: 'act' })

/** How many sessions have this application name. */
async function sessions(name: string): Promise<number> {
  const { rows } = await superuser.query<{ count: number }>(
    'select count(*)::int as count from pg_stat_activity where application_name = $1',
    [name],
  )
  return rows[0]!.count
}

/** Whether a session holds this lock. */
async function isHeld({ name, item = '' }: SessionLock): Promise<boolean> {
  const { rows } = await superuser.query<{ held: boolean }>(`select ${holderOf(name, '$1::text')} as held`, [
    item,
  ])
  return rows[0]!.held
}

/** Work that lasts until the test ends it. */
function work() {
  let end = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  return { run: () => ended.then(() => 'done'), end }
}

t.test('a lock that another session holds is not acquired, and its work does not run', async t => {
  const holder = work()
  const holding = trySessionLock(db, PURGE, holder.run)
  await until(() => isHeld(PURGE))
  t.equal(await trySessionLock(db, PURGE, async () => t.fail('the work ran without the lock')), undefined)
  holder.end()
  t.equal(await holding, 'done')
  await until(async () => !(await isHeld(PURGE)))
  t.equal(await trySessionLock(db, PURGE, async () => 'next'), 'next')
})

t.test('the waiting variant runs after the session that holds the lock has ended', async t => {
  const holder = work()
  const order: string[] = []
  const holding = withSessionLock(db, PURGE, async () => order.push(await holder.run()))
  await until(() => isHeld(PURGE))
  const waiting = withSessionLock(db, { ...PURGE, purpose: 'rotation' }, async () => order.push('waited'))
  await until(async () => (await sessions('consentry rotation')) === 1)
  t.strictSame(order, [])
  holder.end()
  await Promise.all([holding, waiting])
  t.strictSame(order, ['done', 'waited'])
})

t.test('of several sessions that ask at once, one gets the lock', async t => {
  const holder = work()
  let refused = 0
  const asked = Array.from({ length: 6 }, async () => {
    if ((await trySessionLock(db, act('many'), holder.run)) === undefined) refused++
  })
  await until(async () => refused === 5)
  holder.end()
  await Promise.all(asked)
  t.equal(refused, 5)
})

t.test('items of one lock do not exclude each other', async t => {
  const both = await trySessionLock(db, act('one'), () => trySessionLock(db, act('two'), async () => 'both'))
  t.equal(both, 'both')
  const same = await trySessionLock(db, act('one'), () => trySessionLock(db, act('one'), async () => 'same'))
  t.equal(same, undefined)
})

t.test('the lock is given back when the work fails', async t => {
  for (const variant of [withSessionLock, trySessionLock])
    await t.rejects(
      variant(db, PURGE, async () => {
        throw new Error('the work failed')
      }),
      { message: 'the work failed' },
    )
  await until(async () => !(await isHeld(PURGE)))
})

t.test('a lock is held however soon the server ends idle sessions', async t => {
  await superuser.query('alter role consentry set idle_session_timeout = 200')
  t.teardown(() => superuser.query('alter role consentry reset idle_session_timeout'))
  const holder = work()
  const holding = trySessionLock(db, act('idle'), holder.run)
  await until(() => isHeld(act('idle')))
  // It begins later than the lock, and the server ends it.
  const other = new pg.Client({ connectionString: home.url(), application_name: 'idle' })
  other.on('error', () => undefined)
  await other.connect()
  await until(async () => (await sessions('idle')) === 0)
  t.ok(await isHeld(act('idle')))
  holder.end()
  t.equal(await holding, 'done')
})

t.test('a turn excludes another transaction, and shared ones exclude none', async t => {
  const holder = work()
  t.teardown(holder.end)
  const taking = (mode: 'exclusive' | 'share', onBegin: (pid: number) => void = () => {}) =>
    db.transaction().execute(async trx => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
      onBegin(rows[0]!.pid)
      await takeTurn(trx, 'holds', mode)
      return 'taken'
    })
  let isHolding = false
  const holding = db.transaction().execute(async trx => {
    await takeTurn(trx, 'holds', 'share')
    isHolding = true
    return holder.run()
  })
  await until(() => isHolding)
  t.equal(await taking('share'), 'taken')
  let taken = false
  const pid = new Promise<number>(resolve => {
    taking('exclusive', resolve).then(() => {
      taken = true
    }, t.error)
  })
  const waiting = 'select from pg_locks where pid = $1 and not granted'
  const waiter = await pid
  await until(async () => (await superuser.query(waiting, [waiter])).rows.length === 1)
  t.notOk(taken)
  holder.end()
  t.equal(await holding, 'done')
  await until(() => taken)
})

t.test('a lock ends with the process that holds it', async t => {
  const dead = await connect(home.url(), 'dead')
  t.ok(await acquireSessionLock(dead, PURGE))
  t.equal(await trySessionLock(db, PURGE, async () => 'done'), undefined, 'it is held')
  dead.cut()
  await until(async () => (await trySessionLock(db, PURGE, async () => 'done')) === 'done')
})

t.test('a role that may not connect can take no lock', async t => {
  await superuser.query(`create role outsider login password 'outsider'`)
  const url = new URL(home.url())
  url.username = url.password = 'outsider'
  await t.rejects(connect(url.href, 'outsider'), { message: /42501/ })
})

t.test('two migrations at once wait for one another, and a migration that died delays none', async t => {
  const dead = await connect(home.adminUrl, 'dead')
  await dead.query(`select pg_advisory_lock(${lockKey('migration')})`)
  const roles = { service: 'consentry' }
  const both = Promise.all([migrate(home.adminUrl, roles), migrate(home.adminUrl, roles)])
  const waiting = `select count(*)::int as count from pg_stat_activity
    where application_name = 'consentry migration lock' and wait_event = 'advisory'`
  await until(async () => (await superuser.query<{ count: number }>(waiting)).rows[0]!.count === 2)
  dead.cut()
  t.strictSame(await both, [{ applied: [] }, { applied: [] }])
})

t.test('a migration that hangs is named, with what to do', async t => {
  const hanging = await connect(home.adminUrl, 'hanging')
  t.teardown(() => hanging.cut())
  await hanging.query(`select pg_advisory_lock(${lockKey('migration')})`)
  const { rows } = await hanging.query<{ pid: number }>('select pg_backend_pid() as pid')
  await t.rejects(migrate(home.adminUrl, { service: 'consentry' }, migrationDir(), 100), {
    code: 'db.migration',
    message: new RegExp(
      `process ${rows[0]!.pid} of the role .* \\(consentry hanging\\).*pg_terminate_backend`,
    ),
  })
})
