// Real: PostgreSQL, the connections of two journals, a slow writer. Fake: none.
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { connect } from '../../../src/db/connection.js'
import { sql } from '../../../src/db/database.js'
import { appendIn } from '../../../src/journal/write/append-in.js'
import { awaitWriters, drainInFlightWrites } from '../../../src/journal/write/in-flight-writes.js'
import { asked } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { BEGIN_HELD, BEGIN_WRITING, silent, testDatabase, until } from '../../support/processes/database.js'

const { db, asOwner, asService, server } = await testDatabase(t)

/** Whether `drainInFlightWrites` has queried for writers. */
const looks = async (): Promise<boolean> => {
  const { rows } = await asService.query(
    `select from pg_stat_activity where application_name = 'consentry settled' and query like '%pg_locks%'`,
  )
  return rows.length > 0
}

t.test(
  'writes of a dead service end before its successor reads, and other services go on writing',
  async t => {
    const slow = await connect(server.url, 'test writer')
    t.teardown(() => slow.cut())
    await slow.query(BEGIN_HELD)
    await slow.query(BEGIN_WRITING)
    let over = false
    const waiting = drainInFlightWrites(db, silent).then(() => {
      over = true
    })
    await until(looks)
    const journal = startTestJournal(t, server.url)
    for (let n = 0; n < 3; n++) await journal.append([asked(newCallId(), n)], APPEND_LIMIT_MS)
    t.notOk(over, 'the successor waits until the writer has ended')
    await slow.query('commit')
    await waiting
  },
)

t.test('a writer of the same role that does not end is ended', async t => {
  const stuck = await connect(server.url, 'test writer')
  await stuck.query(BEGIN_HELD)
  await stuck.query(BEGIN_WRITING)
  const lost = new Promise<void>(resolve => stuck.onLost(resolve))
  await t.resolves(drainInFlightWrites(db, silent, { warn: 1, end: 1, giveUp: 60_000 }))
  await t.resolves(lost)
})

t.test('a transaction of another role does not keep a successor from starting', async t => {
  await asOwner.query('begin; lock table event in row exclusive mode')
  await t.resolves(drainInFlightWrites(db, silent, { warn: 1, end: 1, giveUp: 1 }))
  await asOwner.query('rollback')
})

const stopped = (reason: string) => event('service.stopped', null, 0, { reason })

t.test(
  'an operation that stands still before its commit holds nobody up, and has entered nothing',
  async t => {
    const waited: boolean[] = []
    const frozen = db.transaction().execute(async trx => {
      await appendIn(trx, [stopped('frozen')])
      waited.push(await awaitWriters(asService, 30_000))
    })
    await t.rejects(frozen, 'its commit comes too late')
    t.strictSame(waited, [true], 'its writing has ended before')
    const entered = sql`select from event where data ->> 'reason' = 'frozen'`.execute(db)
    t.equal((await entered).rows.length, 0)
  },
)

t.test('whatever its connection does next may stand still', async t => {
  await db.connection().execute(async one => {
    const limit = async () =>
      (
        await sql<{ s: string }>`select current_setting('idle_in_transaction_session_timeout') as s`.execute(
          one,
        )
      ).rows[0]!.s
    const before = await limit()
    await one.transaction().execute(trx => appendIn(trx, [stopped('committed')]))
    t.equal(await limit(), before)
  })
})

t.test('a successor starts without writers', async t => {
  await t.resolves(drainInFlightWrites(db, silent))
})
