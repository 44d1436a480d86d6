// Real: PostgreSQL and its advisory locks. Fake: none.
import t from 'tap'
import { LOCKS, tryAdvisoryLock, withAdvisoryLock } from '../../../src/db/locks.js'
import { testDatabase, until } from '../../support/processes/database.js'

const { db, asService } = await testDatabase(t)
const PURGE = { number: LOCKS.purge, purpose: 'purge' }
const act = (item: string) => ({ number: LOCKS.acts, item, purpose: 'act' })

/** How many sessions hold an advisory lock, or wait for one. */
async function sessions(granted: boolean): Promise<number> {
  const { rows } = await asService.query<{ count: number }>(
    `select count(*)::int as count from pg_locks where locktype = 'advisory' and granted = ${granted}`,
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
  const holding = tryAdvisoryLock(db, PURGE, holder.run)
  await until(async () => (await sessions(true)) === 1)
  t.equal(await tryAdvisoryLock(db, PURGE, async () => t.fail('the work ran without the lock')), undefined)
  holder.end()
  t.equal(await holding, 'done')
  t.equal(await tryAdvisoryLock(db, PURGE, async () => 'next'), 'next')
})

t.test('the waiting variant runs after the session that holds the lock has ended', async t => {
  const holder = work()
  const order: string[] = []
  const holding = withAdvisoryLock(db, PURGE, async () => order.push(await holder.run()))
  await until(async () => (await sessions(true)) === 1)
  const waiting = withAdvisoryLock(db, PURGE, async () => order.push('waited'))
  await until(async () => (await sessions(false)) === 1)
  t.strictSame(order, [])
  holder.end()
  await Promise.all([holding, waiting])
  t.strictSame(order, ['done', 'waited'])
})

t.test('items of one lock do not exclude each other', async t => {
  const both = await tryAdvisoryLock(db, act('one'), () =>
    tryAdvisoryLock(db, act('two'), async () => 'both'),
  )
  t.equal(both, 'both')
  const same = await tryAdvisoryLock(db, act('one'), () =>
    tryAdvisoryLock(db, act('one'), async () => 'same'),
  )
  t.equal(same, undefined)
})

t.test(
  'the lock belongs to a connection of its own, which is closed when the work ends or fails',
  async t => {
    const connections = `select application_name from pg_stat_activity where application_name = 'consentry purge'`
    const during = await tryAdvisoryLock(
      db,
      PURGE,
      async () => (await asService.query(connections)).rows.length,
    )
    t.equal(during, 1)
    for (const variant of [withAdvisoryLock, tryAdvisoryLock])
      await t.rejects(
        variant(db, PURGE, async () => {
          throw new Error('the work failed')
        }),
        { message: 'the work failed' },
      )
    await until(async () => (await sessions(true)) === 0)
    await until(async () => (await asService.query(connections)).rows.length === 0)
  },
)
