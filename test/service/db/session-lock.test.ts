// Real: PostgreSQL, its sessions and locks. Fake: none.
import pg from 'pg'
import t from 'tap'
import { newNodeId } from '../../../src/core/ids.js'
import { openDatabase } from '../../../src/db/database.js'
import { type Turn, takeTurn } from '../../../src/db/locks.js'
import { migrate } from '../../../src/db/migrate.js'
import { holdServiceLock } from '../../../src/db/service-lock.js'
import { type SessionLock, trySessionLock, withSessionLock } from '../../../src/db/session-lock.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { silent, until } from '../../support/processes/database.js'
import { asStranger } from '../../support/processes/stranger.js'
import { startLogSetup } from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
t.teardown(() => db.close())
const superuser = await home.superuser()
t.teardown(() => superuser.cut())
const stranger = await asStranger(t, { url: home.url() }, superuser)

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
  await until(async () => (await sessions('consentry purge held')) === 1)
  t.equal(await trySessionLock(db, PURGE, async () => t.fail('the work ran without the lock')), undefined)
  holder.end()
  t.equal(await holding, 'done')
  await until(async () => (await sessions('consentry purge held')) === 0)
  t.equal(await trySessionLock(db, PURGE, async () => 'next'), 'next')
})

t.test('the waiting variant runs after the session that holds the lock has ended', async t => {
  const holder = work()
  const order: string[] = []
  const holding = withSessionLock(db, PURGE, async () => order.push(await holder.run()))
  await until(async () => (await sessions('consentry purge held')) === 1)
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
  await until(async () => (await sessions('consentry purge held')) === 0)
})

t.test('a lock is held however soon the server ends idle sessions', async t => {
  await superuser.query('alter role consentry set idle_session_timeout = 200')
  t.teardown(() => superuser.query('alter role consentry reset idle_session_timeout'))
  const holder = work()
  const holding = trySessionLock(db, act('idle'), holder.run)
  await until(async () => (await sessions('consentry acts held idle')) === 1)
  // It begins later than the lock, and the server ends it.
  const other = new pg.Client({ connectionString: home.url(), application_name: 'idle' })
  other.on('error', () => undefined)
  await other.connect()
  await until(async () => (await sessions('idle')) === 0)
  t.equal(await sessions('consentry acts held idle'), 1)
  holder.end()
  t.equal(await holding, 'done')
})

t.test('a role without privileges cannot keep a turn from a transaction', async t => {
  const turns: Turn[] = ['drafts', 'holds', 'lines', 'people']
  for (const turn of [...turns, 'sessions']) {
    await t.rejects(
      stranger.query(`begin; lock table turn_${turn} in access share mode`),
      { code: '42501' },
      turn,
    )
    await stranger.query('rollback').catch(() => undefined)
  }
  for (const turn of turns)
    for (const mode of ['exclusive', 'share'] as const)
      await t.resolves(
        db.transaction().execute(trx => takeTurn(trx, turn, mode)),
        turn,
      )
})

t.test(
  'a role without privileges cannot keep a purge from running, or an act from being finished',
  async t => {
    for (const [lock, name] of [
      [PURGE, 'consentry purge held'],
      [act('1b4e28ba'), 'consentry acts held 1b4e28ba'],
    ] as const) {
      await stranger.query(`select set_config('application_name', $1, false)`, [name])
      t.equal(await trySessionLock(db, lock, async () => 'done'), 'done', name)
      t.equal(await withSessionLock(db, lock, async () => 'done'), 'done', name)
    }
  },
)

t.test('a role without privileges cannot take the id of a service from it', async t => {
  const id = newNodeId()
  await stranger.query(`select set_config('application_name', $1, false)`, [`consentry service held ${id}`])
  const lock = await holdServiceLock(
    db,
    { id, node: 'pbx', version: '1.2.3', conflictMs: 500, checkMs: 50 },
    silent,
  )
  t.equal(lock.id, id)
  const { rows } = await superuser.query<{ seen: Date }>('select seen_at as seen from node')
  const beats = () =>
    superuser.query('select from node where seen_at > $1', [rows[0]!.seen]).then(found => found.rows.length)
  await until(async () => (await beats()) === 1)
  t.match(lock, { copied: false, namesakes: 0 })
  await lock.stop()
})

t.test('a role without privileges cannot keep a migration from running', async t => {
  // The lock that the migrator of Kysely takes by itself.
  await stranger.query('select pg_advisory_lock(3853314791062309107)')
  await stranger.query(`set application_name = 'consentry migrates'`)
  t.strictSame(await migrate(home.adminUrl, { service: 'consentry' }), { applied: [] })
})
