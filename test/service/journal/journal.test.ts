import t from 'tap'
import { connect } from '../../../src/db/connection.js'
import { LOCKS } from '../../../src/db/locks.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import { codeOf } from '../../../src/shared/errors.js'
import { type CallEvent, event } from '../../../src/shared/events.js'
import { type CallId, newCallId } from '../../../src/shared/ids.js'
import { answered, asked, STARTED, started } from '../../support/calls.js'
import { silent, type TestDatabase, testDatabase, until } from '../../support/database.js'

// Real: PostgreSQL, which is locked, killed and frozen here. Nothing is fake.

/** No append of these tests is to end by its time-out unless it says so, ms. */
const LONG = 60_000

const base = await testDatabase(t)
const { asOwner, asService, server } = base

const journalFor = (t: Tap, url = server.url): Journal => {
  const journal = startJournal(url, silent)
  t.teardown(() => journal.stop())
  return journal
}
type Tap = Parameters<typeof testDatabase>[0]

const attempts = async (call: CallId, { db }: TestDatabase = base): Promise<unknown[]> =>
  (await db.selectFrom('event').select('data').where('call_id', '=', call).orderBy('id').execute()).map(
    ({ data }) => data['attempt'],
  )

const isThere = async (one: CallEvent) =>
  (await base.db.selectFrom('event').select('id').where('uuid', '=', one.id).execute()).length === 1

const count = async () => (await asService.query<{ n: number }>('select count(*) as n from event')).rows[0]!.n

/** An event that the database refuses: JSON may hold this character, jsonb may not. */
const unfit = (call: CallId) => event('service.stopped', call, STARTED, { reason: 'nothing\u0000' })

/** Keeps everybody from writing events until the result is called. */
async function lockJournal(): Promise<() => Promise<void>> {
  const locker = await connect(server.adminUrl, 'test lock')
  await locker.query('begin')
  await locker.query('lock table event in exclusive mode')
  return async () => {
    await locker.query('rollback')
    await locker.close()
  }
}

t.test('events stand in the order in which they were given, however they came', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  const appends = Array.from({ length: 300 }, (_, i) => {
    const event = asked(call, i)
    if (i % 3 === 0) return journal.append([event], LONG)
    return journal.note(event)
  })
  await Promise.all(appends)
  await journal.idle()
  t.strictSame(
    await attempts(call),
    Array.from({ length: 300 }, (_, i) => i),
  )
  t.equal(journal.counts.committed, 300)
  t.ok(journal.counts.batches < 50, `many events share a transaction: ${journal.counts.batches}`)
})

t.test('an append resolves after everything that was noted before it is committed', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  for (let i = 0; i < 5; i++) journal.note(asked(call, i))
  await journal.append([asked(call, 5)], LONG)
  t.strictSame(await attempts(call), [0, 1, 2, 3, 4, 5])
})

t.test('an event enters once, whoever brings it again', async t => {
  const [journal, other] = [journalFor(t), journalFor(t)]
  const one = started(newCallId())
  journal.note(one, one)
  await Promise.all([journal.append([one], LONG), other.append([one], LONG)])
  await journal.append([one], LONG)
  const rows = await base.db.selectFrom('event').select('id').where('uuid', '=', one.id).execute()
  t.equal(rows.length, 1)
  t.equal(
    (await base.db.selectFrom('event_personal').selectAll().where('event', '=', one.id).execute()).length,
    1,
  )
})

t.test('personal data is kept apart, with a salt of its own', async t => {
  const journal = journalFor(t)
  const events = [started(newCallId()), started(newCallId())]
  await journal.append(events, LONG)
  const rows = await base.db
    .selectFrom('event_personal')
    .innerJoin('event', 'uuid', 'event')
    .select(['event.data', 'event_personal.data as personal', 'salt'])
    .where(
      'event',
      'in',
      events.map(({ id }) => id),
    )
    .execute()
  t.equal(rows.length, 2)
  t.strictSame(rows[0]!.personal, { caller: '+79001234567' })
  t.notMatch(JSON.stringify(rows[0]!.data), '79001234567')
  t.notSame(rows[0]!.salt, rows[1]!.salt)
})

t.test('an event that the database refuses harms nobody else', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  const outcomes = await Promise.allSettled([
    journal.append([asked(call, 1)], LONG),
    journal.append([asked(call, 2), unfit(call)], LONG),
    Promise.resolve(journal.note(unfit(call), asked(call, 3))),
    journal.append([asked(call, 4)], LONG),
  ])
  t.strictSame(
    outcomes.map(outcome => (outcome.status === 'rejected' ? codeOf(outcome.reason) : 'ok')),
    ['ok', 'journal.refused', 'ok', 'ok'],
  )
  t.strictSame(await attempts(call), [1, 3, 4], 'what was appended together is refused together')
  t.match(journal.counts, { refused: 3, committed: 3, retries: 0 })
})

t.test('a refusal of the tables about calls refuses the event', async t => {
  const journal = journalFor(t)
  const orphan = answered(newCallId())
  await t.rejects(journal.append([orphan], LONG), { code: 'journal.refused', message: /23503/ })
  t.notOk(await isThere(orphan))
})

t.test('a refusal tells nothing of the row, to the log or to the caller', async t => {
  const lines: string[] = []
  const log = silent.child({}, { level: 'trace' })
  log.error = ((...words: unknown[]) => void lines.push(JSON.stringify(words))) as typeof log.error
  const journal = startJournal(server.url, log)
  t.teardown(() => journal.stop())
  const secret = '+7900\u0000777'
  const error = await journal.append([started(newCallId(), secret)], LONG).catch((error: Error) => error)
  t.match(error, { code: 'journal.refused' })
  t.notMatch(`${(error as Error).stack} ${JSON.stringify(error)}`, '7900')
  t.equal(lines.length, 1)
  t.notMatch(lines[0], '7900')
  t.match(lines[0], 'call.started')
})

t.test('what JSON or the calendar cannot express is refused without asking', async t => {
  const journal = journalFor(t)
  const never = started(newCallId(), '1', Number.NaN)
  await t.rejects(journal.append([never], LONG), { code: 'journal.refused' })
  journal.note(never)
  t.equal(journal.counts.refused, 2)
  await t.resolves(journal.append([], LONG))
})

t.test('an append that is given up before it was sent is surely not written', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  await journal.idle()
  const unlock = await lockJournal()
  const sent = journal.append([asked(call, 1)], LONG)
  await new Promise(resolve => setImmediate(resolve))
  const waiting = journal.append([asked(call, 2)], 20)
  await t.rejects(waiting, { code: 'journal.timeout', message: /nothing of it was written/ })
  journal.note(asked(call, 3))
  await unlock()
  await sent
  await journal.idle()
  t.strictSame(await attempts(call), [1, 3])
  t.equal(journal.counts.timeouts, 1)
})

t.test('an append that is given up on its way is not sent again', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  await journal.idle()
  const unlock = await lockJournal()
  const given = asked(call, 1)
  await t.rejects(journal.append([given], 20), { code: 'journal.timeout', message: /not known/ })
  journal.note(asked(call, 2))
  await until(() => journal.counts.retries > 0)
  await unlock()
  await journal.idle()
  t.strictSame(await attempts(call), [2], 'the connection was thrown away, and the first batch with it')
})

t.test('a database that stalls loses and doubles nothing', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  await journal.append([asked(call, 0)], LONG)
  const unlock = await lockJournal()
  for (let i = 1; i <= 50; i++) journal.note(asked(call, i))
  const last = journal.append([asked(call, 51)], LONG)
  await until(() => journal.counts.retries > 1)
  await unlock()
  await last
  t.strictSame(
    await attempts(call),
    Array.from({ length: 52 }, (_, i) => i),
  )
})

t.test('a backend that is frozen while it has the batch loses and doubles nothing', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  await journal.append([asked(call, 0)], LONG)
  const { rows } = await asOwner.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'consentry journal' and usename = 'consentry'
     order by backend_start desc limit 1`,
  )
  const { pid } = rows[0]!
  process.kill(pid, 'SIGSTOP')
  const sent = Array.from({ length: 20 }, (_, i) => journal.append([asked(call, i + 1)], LONG))
  await until(() => journal.counts.retries > 0)
  await Promise.all(sent)
  process.kill(pid, 'SIGCONT')
  await journal.append([asked(call, 21)], LONG)
  t.strictSame(
    await attempts(call),
    Array.from({ length: 22 }, (_, i) => i),
  )
})

t.test('stop writes what waits, and takes nothing more', async t => {
  const journal = startJournal(server.url, silent)
  const call = newCallId()
  for (let i = 0; i < 100; i++) journal.note(asked(call, i))
  await journal.stop()
  await journal.stop()
  t.equal((await attempts(call)).length, 100)
  await t.rejects(journal.append([asked(call, 100)], LONG), { code: 'db.unavailable' })
  journal.note(asked(call, 101))
  t.equal(journal.counts.dropped, 1)
  await journal.idle()
})

t.test('a database that is away is said to be away, at once', async t => {
  const journal = startJournal('postgres://nobody:x@127.0.0.1:1/none', silent)
  const first = asked(newCallId(), 1)
  await t.rejects(journal.append([first], LONG), { code: 'db.unavailable', retryable: true })
  t.notOk(journal.available)
  await t.rejects(journal.append([first], LONG), { code: 'db.unavailable' })
  journal.note(first, first)
  t.equal(journal.waiting, 2)
  await journal.stop()
  t.match(journal.counts, { dropped: 2, committed: 0 })
  t.equal(journal.waiting, 0)
})

t.test('a sequencer that holds the lock alone sees every event up to the highest id', async t => {
  const journal = journalFor(t)
  await journal.append([asked(newCallId(), 0)], LONG)
  const before = await count()
  const sequencer = await connect(server.url, 'test sequencer')
  t.teardown(() => sequencer.cut())
  await sequencer.query('begin')
  await sequencer.query('select pg_advisory_xact_lock($1)', [LOCKS.journal])
  const waiting = journal.append([asked(newCallId(), 1)], LONG)
  await until(async () => {
    const { rows } = await asOwner.query(`select from pg_locks where locktype = 'advisory' and not granted`)
    return rows.length > 0
  })
  t.equal(await count(), before)
  await sequencer.query('commit')
  await waiting
  t.equal(await count(), before + 1)
})

// The last tests: the server's process ends here.
t.test('a database that is killed under load is back with nothing lost and nothing doubled', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  await journal.append([asked(call, 0)], LONG)
  let given = 0
  const feeding = setInterval(() => {
    for (let i = 0; i < 5; i++) journal.note(asked(call, ++given))
  }, 2)
  for (let kill = 1; kill <= 3; kill++) {
    const before = journal.counts.committed
    await until(() => journal.counts.committed > before + 50)
    const { pid } = server
    process.kill(pid, 'SIGKILL')
    await until(() => server.pid !== pid)
    await until(() => journal.available)
  }
  clearInterval(feeding)
  await journal.idle()
  t.strictSame(
    await attempts(call),
    Array.from({ length: given + 1 }, (_, i) => i),
  )
  t.match(journal.counts, { dropped: 0, refused: 0 })
})

t.test('after the database was killed, appends are taken again', async t => {
  const journal = journalFor(t)
  const call = newCallId()
  await journal.append([asked(call, 1)], LONG)
  const { pid } = server
  process.kill(pid, 'SIGKILL')
  await until(() => server.pid !== pid)
  const again = () => journal.append([asked(call, 2)], LONG)
  await until(() =>
    again().then(
      () => true,
      error => {
        t.equal(codeOf(error), 'db.unavailable')
        return false
      },
    ),
  )
  t.strictSame(await attempts(call), [1, 2])
})
