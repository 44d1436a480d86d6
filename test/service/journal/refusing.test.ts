// Real: PostgreSQL and its privileges, the spool. Fake: none.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { event } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { appendIn } from '../../../src/journal/write/append-in.js'
import { IDLE_MS } from '../../../src/journal/write/write-batch.js'
import { asked } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, journalledAttempts } from '../../support/data/journal.js'
import { scratch, silent, testDatabase, until } from '../../support/processes/database.js'

t.setTimeout(300_000)

const { db, asOwner, asService, server } = await testDatabase(t)

async function journalWithSpool(t: Test) {
  const journal = startJournal(server.url, silent, await Spool.open(join(await scratch(t), 'spool'), silent))
  t.teardown(() => journal.stop())
  const call = newCallId()
  await journal.append([asked(call, 0)], APPEND_LIMIT_MS)
  return { journal, call }
}

/** Notes events, numbered from 1, until `holds` is true. */
async function feedUntil(give: (number: number) => void, holds: () => boolean): Promise<number> {
  let given = 0
  await until(() => {
    if (given < 200) give(++given)
    return holds()
  })
  return given
}

t.test('a role that loses the right to write loses no event, and the database counts as away', async t => {
  const { journal, call } = await journalWithSpool(t)
  await asOwner.query('revoke insert on event from consentry')
  t.teardown(() => asOwner.query('grant insert on event to consentry'))
  const given = await feedUntil(
    number => journal.note(asked(call, number)),
    () => !journal.available,
  )
  await t.rejects(journal.append([asked(call, 900)], APPEND_LIMIT_MS), { code: 'db.unavailable' })
  t.match(journal.counts, { refused: 0, dropped: 0 })
  await asOwner.query('grant insert on event to consentry')
  await until(() => journal.available)
  await journal.idle()
  t.strictSame(
    await journalledAttempts(db, call),
    Array.from({ length: given + 1 }, (_, i) => i),
  )
})

t.test('an event in the transaction of an operation is refused as by the queue', async t => {
  const enter = (reason: string) =>
    db.transaction().execute(trx => appendIn(trx, [event('service.stopped', null, 0, { reason })]))
  const message = 'The journal refused service.stopped: SQLSTATE 22P05'
  await t.rejects(enter('nothing\0'), { code: 'journal.refused', message })
  await asOwner.query('revoke insert on event from consentry')
  await t.rejects(enter('later'), { code: '42501' }, 'no event is at fault')
  await asOwner.query('grant insert on event to consentry')
  await t.resolves(enter('now'))
})

t.test('a read-only database counts as away, even without calls', async t => {
  const { journal, call } = await journalWithSpool(t)
  // Holds for connections that are opened from now on.
  await asOwner.query('alter database consentry set default_transaction_read_only = on')
  await asService.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'consentry journal'",
  )
  await until(() => !journal.available)
  await asOwner.query('set default_transaction_read_only = off')
  await asOwner.query('alter database consentry reset default_transaction_read_only')
  await until(() => journal.available)
  await journal.append([asked(call, 1)], APPEND_LIMIT_MS)
  t.strictSame(await journalledAttempts(db, call), [0, 1])
})

/** Makes the database refuse every event. `deferred`: only when the transaction is committed. */
async function refuseAll(t: Test, deferred = false) {
  await asOwner.query(`
    create or replace function refuse_all() returns trigger language plpgsql as $$
      begin raise exception 'not today'; end $$;
    create ${deferred ? 'constraint trigger refuse_all after' : 'trigger refuse_all before'} insert on event
      ${deferred ? 'deferrable initially deferred' : ''} for each row execute function refuse_all()`)
  const take = () => asOwner.query('drop trigger if exists refuse_all on event')
  t.teardown(take)
  return take
}

t.test('a database that refuses every event is reported until it accepts one', async t => {
  const { journal, call } = await journalWithSpool(t)
  const takeAll = await refuseAll(t)
  journal.note(asked(call, 1))
  await until(() => journal.counts.refused === 1)
  t.notOk(journal.refusing, 'a single event may itself be invalid')
  for (const number of [2, 3]) journal.note(asked(call, number))
  await until(() => journal.refusing)
  t.ok(journal.available)
  await takeAll()
  await journal.append([asked(call, 4)], APPEND_LIMIT_MS)
  t.notOk(journal.refusing)
})

for (const deferred of [false, true])
  t.test(
    `the journal detects without an event that the database accepts events again, ${deferred ? 'refused at the commit' : 'refused at once'}`,
    async t => {
      const { journal, call } = await journalWithSpool(t)
      const takeAll = await refuseAll(t, deferred)
      for (const number of [1, 2, 3]) journal.note(asked(call, number))
      await until(() => journal.refusing)
      await pause(3 * IDLE_MS)
      t.ok(journal.refusing, 'the report stays while the database refuses events')
      t.ok(journal.available)
      t.equal(journal.counts.refused, 3, 'attempts of the journal are not counted as refused')
      await takeAll()
      await until(() => !journal.refusing)
      t.strictSame(await journalledAttempts(db, call), [0], 'nothing was written')
      const { rows } = await asOwner.query('select 1 from event where type = $1', ['alarm.cleared'])
      t.strictSame(rows, [])
    },
  )
