// Real: PostgreSQL. Fake: none.
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { type CallEvent, event } from '../../../src/core/events.js'
import { type CallId, newCallId } from '../../../src/core/ids.js'
import { connect } from '../../../src/db/connection.js'
import { startJournal } from '../../../src/journal/journal.js'
import { answered, asked, STARTED, started } from '../../support/data/call-events.js'
import {
  APPEND_LIMIT_MS,
  journalledAttempts,
  lockJournal,
  startTestJournal,
} from '../../support/data/journal.js'
import { BEGIN_HELD, silent, testDatabase, until } from '../../support/processes/database.js'

const { db, asOwner, asService, server } = await testDatabase(t)

const isThere = async (one: CallEvent) =>
  (await db.selectFrom('event').select('id').where('uuid', '=', one.id).execute()).length === 1

const count = async () => (await asService.query<{ n: number }>('select count(*) as n from event')).rows[0]!.n

/** Process ids of the backends that wait to insert a batch. */
const waitingBackends = async (): Promise<number[]> => {
  const { rows } = await asOwner.query<{ pid: number }>(
    `select pid from pg_locks where relation = 'event'::regclass and not granted`,
  )
  return rows.map(({ pid }) => pid)
}

/** An event that the database refuses: JSON may hold this character, jsonb may not. */
const unfit = (call: CallId) => event('service.stopped', call, STARTED, { reason: 'nothing\u0000' })

t.test('an observer gets noted events at once, and appended events when they are committed', async t => {
  const journal = startTestJournal(t, server.url)
  const seen: CallEvent[] = []
  journal.onEvent(one => seen.push(one))
  const call = newCallId()
  const [appended, noted, durable] = [asked(call, 0), asked(call, 1), asked(call, 2)]
  const committed = journal.append([appended!], APPEND_LIMIT_MS)
  t.strictSame(seen, [], 'it may still fail')
  await committed
  t.strictSame(seen, [appended])
  journal.note(noted!)
  const stored = journal.noteDurably(durable!)
  t.strictSame(seen, [appended, noted, durable])
  await stored
  await t.rejects(journal.append([unfit(call)], APPEND_LIMIT_MS), { code: 'journal.refused' })
  t.equal(seen.length, 3, 'what is refused was never there')
})

t.test('events are in the order in which they were given, awaited or not', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  const appends = Array.from({ length: 300 }, (_, i) => {
    const event = asked(call, i)
    if (i % 3 === 0) return journal.append([event], APPEND_LIMIT_MS)
    return journal.note(event)
  })
  await Promise.all(appends)
  await journal.idle()
  t.strictSame(
    await journalledAttempts(db, call),
    Array.from({ length: 300 }, (_, i) => i),
  )
  t.equal(journal.counts.committed, 300)
  t.ok(journal.counts.batches < 50, `many events share a transaction: ${journal.counts.batches}`)
})

t.test('an append resolves after everything that was noted before it is committed', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  for (let i = 0; i < 5; i++) journal.note(asked(call, i))
  await journal.append([asked(call, 5)], APPEND_LIMIT_MS)
  t.strictSame(await journalledAttempts(db, call), [0, 1, 2, 3, 4, 5])
})

t.test('an event that is written twice enters once', async t => {
  const [journal, other] = [startTestJournal(t, server.url), startTestJournal(t, server.url)]
  const one = started(newCallId())
  journal.note(one, one)
  await Promise.all([journal.append([one], APPEND_LIMIT_MS), other.append([one], APPEND_LIMIT_MS)])
  await journal.append([one], APPEND_LIMIT_MS)
  const rows = await db.selectFrom('event').select('id').where('uuid', '=', one.id).execute()
  t.equal(rows.length, 1)
  t.equal((await db.selectFrom('event_personal').selectAll().where('event', '=', one.id).execute()).length, 1)
})

t.test('the personal part is stored separately, with its own salt', async t => {
  const journal = startTestJournal(t, server.url)
  const events = [started(newCallId()), started(newCallId())]
  await journal.append(events, APPEND_LIMIT_MS)
  const rows = await db
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

t.test('a refused event does not harm others', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  const outcomes = await Promise.allSettled([
    journal.append([asked(call, 1)], APPEND_LIMIT_MS),
    journal.append([asked(call, 2), unfit(call)], APPEND_LIMIT_MS),
    Promise.resolve(journal.note(unfit(call), asked(call, 3))),
    journal.append([asked(call, 4)], APPEND_LIMIT_MS),
  ])
  t.strictSame(
    outcomes.map(outcome => (outcome.status === 'rejected' ? codeOf(outcome.reason) : 'ok')),
    ['ok', 'journal.refused', 'ok', 'ok'],
  )
  t.strictSame(
    await journalledAttempts(db, call),
    [1, 3, 4],
    'what was appended together is refused together',
  )
  t.match(journal.counts, { refused: 3, committed: 3, retries: 0 })
})

t.test('a refusal of the tables about calls refuses the event', async t => {
  const journal = startTestJournal(t, server.url)
  const orphan = answered(newCallId())
  await t.rejects(journal.append([orphan], APPEND_LIMIT_MS), { code: 'journal.refused', message: /23503/ })
  t.notOk(await isThere(orphan))
})

t.test('a refusal reveals nothing of the row, neither in the log nor to the caller', async t => {
  const lines: string[] = []
  const log = silent.child({}, { level: 'trace' })
  log.error = ((...words: unknown[]) => void lines.push(JSON.stringify(words))) as typeof log.error
  const journal = startJournal(server.url, log)
  t.teardown(() => journal.stop())
  const secret = '+7900\u0000777'
  const error = await journal
    .append([started(newCallId(), secret)], APPEND_LIMIT_MS)
    .catch((error: Error) => error)
  t.match(error, { code: 'journal.refused' })
  t.notMatch(`${(error as Error).stack} ${JSON.stringify(error)}`, '+7900')
  t.equal(lines.length, 1)
  t.notMatch(lines[0], '+7900')
  t.match(lines[0], 'call.started')
})

t.test('a value that JSON or the calendar cannot express is refused without a query', async t => {
  const journal = startTestJournal(t, server.url)
  const never = started(newCallId(), '1', Number.NaN)
  await t.rejects(journal.append([never], APPEND_LIMIT_MS), { code: 'journal.refused' })
  journal.note(never)
  t.equal(journal.counts.refused, 2)
  await t.resolves(journal.append([], APPEND_LIMIT_MS))
})

t.test('an append that times out before it was sent is never written', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  // From here on it has its connection, so that a batch is on its way at once.
  await journal.append([asked(newCallId(), 0)], APPEND_LIMIT_MS)
  const unlock = await lockJournal(server.adminUrl)
  const sent = journal.append([asked(call, 1)], APPEND_LIMIT_MS)
  await new Promise(resolve => setImmediate(resolve))
  const waiting = journal.append([asked(call, 2)], 20)
  await t.rejects(waiting, { code: 'journal.unwritten', message: /nothing of it was written/ })
  journal.note(asked(call, 3))
  await unlock()
  await sent
  await journal.idle()
  t.strictSame(await journalledAttempts(db, call), [1, 3])
  t.equal(journal.counts.timeouts, 1)
})

t.test('an append that times out in flight is not sent again', async t => {
  const journal = startTestJournal(t, server.url)
  const call = newCallId()
  // From here on it has its connection, so that a batch is on its way at once.
  await journal.append([asked(newCallId(), 0)], APPEND_LIMIT_MS)
  const unlock = await lockJournal(server.adminUrl)
  const given = asked(call, 1)
  await t.rejects(journal.append([given], 20), { code: 'journal.timeout', message: /not known/ })
  await until(async () => (await waitingBackends()).length === 1)
  const [first] = await waitingBackends()
  journal.note(asked(call, 2))
  // Only when the backend that has the first batch is gone is it sure that no commit comes from there.
  await until(async () => !(await waitingBackends()).includes(first!))
  await unlock()
  await journal.idle()
  t.strictSame(
    await journalledAttempts(db, call),
    [2],
    'the connection was thrown away, and the first batch with it',
  )
})

t.test('stop writes the waiting events and accepts no more', async t => {
  const journal = startJournal(server.url, silent)
  const call = newCallId()
  for (let i = 0; i < 100; i++) journal.note(asked(call, i))
  await journal.stop()
  await journal.stop()
  t.equal((await journalledAttempts(db, call)).length, 100)
  await t.rejects(journal.append([asked(call, 100)], APPEND_LIMIT_MS), { code: 'db.unavailable' })
  journal.note(asked(call, 101))
  t.equal(journal.counts.dropped, 1)
  await journal.idle()
})

t.test('a transaction that locks the table sees every event up to the highest id', async t => {
  const journal = startTestJournal(t, server.url)
  await journal.append([asked(newCallId(), 0)], APPEND_LIMIT_MS)
  const before = await count()
  const sequencer = await connect(server.adminUrl, 'test sequencer')
  t.teardown(() => sequencer.cut())
  await sequencer.query(BEGIN_HELD)
  await sequencer.query('lock table event in share mode')
  const waiting = journal.append([asked(newCallId(), 1)], APPEND_LIMIT_MS)
  await until(async () => {
    const { rows } = await asOwner.query(`select from pg_locks where locktype = 'relation' and not granted`)
    return rows.length > 0
  })
  t.equal(await count(), before)
  await sequencer.query('commit')
  await waiting
  t.equal(await count(), before + 1)
})
