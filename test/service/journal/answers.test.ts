// Real: PostgreSQL, its locks, the files of the transparency log. Fake: none.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import { connect } from '../../../src/db/connection.js'
import { startLog } from '../../../src/log/start-log.js'
import { answered, asked, started } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, journalledAttempts, startTestJournal } from '../../support/data/journal.js'
import { BEGIN_HELD, scratch, silent, testDatabase, until } from '../../support/processes/database.js'
import { logSettingsIn } from '../../support/processes/tlog.js'

t.setTimeout(300_000)

const { db, asOwner, asService, server } = await testDatabase(t)

/** A journal whose connections are all open, as in a running service. */
async function openJournal(t: Test) {
  const ways = `select from pg_stat_activity where application_name in ('consentry journal', 'consentry answers')`
  const before = (await asOwner.query(ways)).rows.length
  const journal = startTestJournal(t, server.url)
  await until(async () => (await asOwner.query(ways)).rows.length === before + 3)
  return journal
}

const locksAwaited = async (): Promise<number> =>
  (await asOwner.query('select from pg_locks where not granted')).rows.length

t.test('an answer is not delayed by the notes of other calls', async t => {
  const journal = await openJournal(t)
  const [slow, quick] = [newCallId(), newCallId()]
  await journal.append([started(slow)], APPEND_LIMIT_MS)
  await journal.append([started(quick)], APPEND_LIMIT_MS)
  const other = await connect(server.adminUrl, 'test lock')
  t.teardown(() => other.cut())
  await other.query(BEGIN_HELD)
  await other.query('select from call where id = $1 for update', [slow])
  journal.note({ ...asked(slow, 0), type: 'call.answered', data: {} } as never)
  await until(async () => (await locksAwaited()) > 0)
  journal.note(asked(quick, 0))
  const yes = journal.append([answered(quick), asked(quick, 1)], APPEND_LIMIT_MS)
  journal.note(asked(quick, 2))
  await yes
  t.equal((await journalledAttempts(db, slow)).length, 1, 'the other call still waits')
  await other.query('rollback')
  await journal.idle()
  const types = await db
    .selectFrom('event')
    .select('data')
    .where('call_id', '=', quick)
    .orderBy('id')
    .execute()
  t.strictSame(
    types.map(({ data }) => data['attempt'] ?? data['answer'] ?? data['line']),
    ['100', 0, 'granted', 1, 2],
    'the events of its own call keep their order',
  )
  t.match(journal.counts, { refused: 0, dropped: 0 })
})

t.test('events of each call keep their order, whichever of them are awaited', async t => {
  const journal = await openJournal(t)
  const calls = Array.from({ length: 40 }, newCallId)
  const appends: Promise<void>[] = []
  for (let i = 0; i < 12; i++) {
    for (const [n, call] of calls.entries()) {
      if ((n + i) % 5 === 0) appends.push(journal.append([asked(call, i)], APPEND_LIMIT_MS))
      else if ((n + i) % 7 === 0) appends.push(journal.noteDurably(asked(call, i)))
      else journal.note(asked(call, i))
    }
    // Two calls in one entry: neither may overtake, nor be overtaken.
    if (i === 6) appends.push(journal.append([asked(calls[0]!, 100), asked(calls[1]!, 100)], APPEND_LIMIT_MS))
    await new Promise(resolve => setTimeout(resolve, i % 3))
  }
  await Promise.all(appends)
  await journal.idle()
  const order = Array.from({ length: 12 }, (_, i) => i)
  for (const call of calls.slice(2)) t.strictSame(await journalledAttempts(db, call), order)
  for (const call of calls.slice(0, 2))
    t.strictSame(await journalledAttempts(db, call), [...order.slice(0, 7), 100, ...order.slice(7)])
})

t.test(
  'no writer waits for the log, and the log waits for a slow writer and skips none of its events',
  async t => {
    const journal = await openJournal(t)
    await journal.idle()
    const count = async () =>
      (await asService.query<{ n: number }>('select count(*) as n from event')).rows[0]!.n
    const dir = await scratch(t)
    const log = startLog(logSettingsIn(join(dir, 'one'), { roundMs: 10 }), server.url, silent)
    t.teardown(() => log.stop())
    const before = await count()
    await until(() => log.state.size === before)
    const slow = await connect(server.url, 'test writer')
    t.teardown(() => slow.cut())
    await slow.query(BEGIN_HELD)
    // The id is drawn, and the row is not committed yet.
    await slow.query(
      `insert into event (uuid, at, type, data) values (gen_random_uuid(), now(), 'service.stopped', '{"reason":"test"}')`,
    )
    for (let i = 0; i < 100; i++) {
      await journal.append([asked(newCallId(), i)], APPEND_LIMIT_MS)
      t.equal(await locksAwaited(), 0)
    }
    t.equal(log.state.size, before, 'events after the slow one are not logged before it')
    await slow.query('commit')
    await until(() => log.state.size === before + 101)
    t.equal(log.state.fault, undefined)
  },
)
