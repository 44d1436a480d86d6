// Real: PostgreSQL, journal, transparency log, witness, receipt. Fake: the time since the insertion of events, which the superuser moves.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { DAY_MS } from '../../../src/core/clock.js'
import { type CallEvent, event } from '../../../src/core/events.js'
import { newEventId } from '../../../src/core/ids.js'
import { openDatabase } from '../../../src/db/database.js'
import { startJournal } from '../../../src/journal/journal.js'
import { checkpointOf } from '../../../src/log/notes/checkpoint.js'
import { createSigningKey } from '../../../src/log/notes/log-key.js'
import { COSIGNATURE, parseVerifier } from '../../../src/log/notes/note.js'
import { WitnessBook } from '../../../src/log/notes/witness.js'
import { startLog } from '../../../src/log/start-log.js'
import { verifyTimes } from '../../../src/log/verify/verify-log.js'
import { startWitnessServer } from '../../../src/log/witness-server.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { makeReceipt } from '../../../src/receipts/make-receipt.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { grantedCall } from '../../support/data/whole-calls.js'
import { silent, until } from '../../support/processes/database.js'
import { journalAndLog, logSettingsIn, someEvents, startLogSetup } from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const settings = logSettingsIn(join(home.dir, 'one'), { roundMs: 10 })
const db = openDatabase(home.url())
t.teardown(() => db.close())
const superuser = await home.superuser()
t.teardown(() => superuser.cut())

/** The events of a call, moved to end this long ago. */
function callAgo(ms: number): CallEvent[] {
  const { events } = grantedCall()
  const by = Date.now() - ms - events.at(-1)!.at
  return events.map(one => ({ ...one, at: one.at + by }))
}
const nowAt = (events: CallEvent[]) => events.map(one => ({ ...one, at: Date.now() }))

await journalAndLog(home.url(), settings, nowAt(someEvents(5)))
const logKey = (await readFile(join(settings.dir, 'key.pub'), 'utf8')).trim()
const witnessKey = await createSigningKey(join(home.dir, 'witness.key'), 'witness.example/w', COSIGNATURE)
const book = new WitnessBook({
  ...{ dir: join(home.dir, 'witness'), name: 'witness.example/w', key: witnessKey },
  logs: [parseVerifier(logKey)!],
})
const server = await startWitnessServer({ host: '127.0.0.1', port: 0 }, book)
t.teardown(() => server.close())
const watched = { ...settings, witness: { url: server.url, key: witnessKey.verifier } }

/** Journals events, and waits until the witness has cosigned them. */
async function journalAndCosign(events: CallEvent[]): Promise<void> {
  const log = startLog(watched, home.url(), silent)
  const journal = startJournal(home.url(), silent)
  await journal.append(events, 60_000)
  await journal.stop()
  const { n } = await db
    .selectFrom('event')
    .select(eb => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  await until(async () => {
    const row = await db
      .selectFrom('log_cosignature')
      .select(eb => eb.fn.max('size').as('size'))
      .executeTakeFirst()
    return Number(row?.size) === Number(n)
  })
  await log.stop()
}

const check = (receipt: Receipt, keys: string[]) => checkFile(Buffer.from(renderDocument(receipt)), keys)
const both = [logKey, witnessKey.verifier]
const receiptOf = (events: CallEvent[]) =>
  makeReceipt(db, events[0]!.call!, { log: settings.dir, personal: true })

t.test('a call of today has a receipt that says between which cosignatures it entered the log', async t => {
  await journalAndCosign(nowAt(someEvents(3)))
  const events = callAgo(0)
  await journalAndCosign(events)
  const receipt = await receiptOf(events)
  const { faults, entered } = check(receipt, both)
  t.strictSame(faults, [])
  t.match(entered, { after: [{ name: 'witness.example/w', known: true }], by: [{ known: true }] })
  t.equal(checkpointOf(receipt.entered!.before!.checkpoint)!.size, 8)
  t.strictSame((await verifyTimes(db)).faults, [])
})

t.test('a receipt has its cosignatures although no setting names the witness', async t => {
  const events = callAgo(0)
  await journalAndCosign(events)
  const before = await receiptOf(events)
  await journalAndLog(home.url(), settings, nowAt(someEvents(4)))
  const after = await receiptOf(events)
  t.strictSame(after.witnesses, [witnessKey.verifier])
  t.strictSame(after, before, 'the receipt of the same events stays the same while the log grows')
  t.strictSame(check(after, both).faults, [])
})

t.test('a yes that the role of the service dated back is found by verify and by the witness', async t => {
  const events = callAgo(60 * DAY_MS)
  await journalAndCosign(events)
  const receipt = await receiptOf(events)
  t.strictSame(check(receipt, [logKey]).faults, [], 'the log alone says nothing about the time')
  matchEach(t, check(receipt, both).faults, [{ kind: 'receipt-unwitnessed', what: /more than a day after/ }])
  const { faults } = await verifyTimes(db)
  t.equal(faults.length, events.length)
  t.match(faults.at(-1), { kind: 'event-misdated', what: /60 days later, which no outage explains/ })
})

t.test('an outage explains late events, but never a late yes', async t => {
  const known = (await verifyTimes(db)).faults.length
  const events = callAgo(2 * 3_600_000)
  const caughtUp = event('journal.caught-up', null, Date.now(), {
    events: events.length,
    damaged: 0,
    dropped: 0,
  })
  await journalAndCosign([...events, caughtUp])
  const { faults, late } = await verifyTimes(db)
  t.equal(faults.length, known + 1)
  t.equal(late, events.length - 1)
  const { rows } = await superuser.query<{ id: number }>(
    `select id from event where type = 'consent.answered' order by id desc limit 1`,
  )
  t.ok(faults.some(({ where }) => where === `event ${rows[0]!.id}`))
})

t.test('an outage explains no more events than waited, and none from before it', async t => {
  const known = (await verifyTimes(db)).faults.length
  const few = event('journal.caught-up', null, Date.now(), { events: 2, damaged: 0, dropped: 0 })
  const [one, two, three] = someEvents(20)
    .slice(1, 4)
    .map(some => ({ ...some, at: Date.now() - 3_600_000 }))
  await journalAndCosign([one!, two!, three!, few])
  t.equal((await verifyTimes(db)).faults.length, known + 1)
  const alarm = { alarm: 'database-away' as const, stoodMs: 600_000 }
  await journalAndCosign([
    ...someEvents(20)
      .slice(1, 3)
      .map(some => ({ ...some, at: Date.now() - 3_600_000 })),
    event('alarm.cleared', null, Date.now(), alarm),
  ])
  t.equal((await verifyTimes(db)).faults.length, known + 3)
  const since = new Date(Date.now() - 1_800_000).toISOString()
  await journalAndCosign([
    { ...one!, id: newEventId(), at: Date.now() - 3_600_000 },
    { ...two!, id: newEventId(), at: Date.now() - 1_800_000 },
    event('journal.caught-up', null, Date.now(), { events: 2, damaged: 0, dropped: 0, since }),
  ])
  t.equal((await verifyTimes(db)).faults.length, known + 4)
})

t.test('a time of insertion that the superuser changed contradicts what is around it', async t => {
  const known = (await verifyTimes(db)).faults.map(({ where }) => where)
  const { rows } = await superuser.query<{ id: number }>(
    `select id from event where abs(extract(epoch from entered_at - at)) < 600 order by id desc limit 2`,
  )
  const [last, before] = rows.map(({ id }) => id)
  await superuser.query(`update event set entered_at = entered_at - interval '60 days' where id = $1`, [last])
  await superuser.query(`update event set entered_at = entered_at + interval '11 min' where id = $1`, [
    before,
  ])
  const { faults } = await verifyTimes(db)
  const fresh = faults.map(({ where }) => where).filter(where => !known.includes(where))
  t.ok(fresh.includes(`event ${last}`), 'one that would be earlier than those before it')
  t.ok(fresh.includes(`event ${before}`), 'one that would be later than its checkpoint')
})
