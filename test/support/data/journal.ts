import { type Connection, connect } from '../../../src/db/connection.js'
import type { Database } from '../../../src/db/database.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import type { CallId } from '../../../src/shared/ids.js'
import type { DurableEventSink } from '../../../src/shared/ports.js'
import { silent, type testDatabase } from '../processes/database.js'

/** No append of a test is to end by its time-out unless it says so, ms. */
export const APPEND_LIMIT_MS = 60_000

/** A journal that stops when the test ends. */
export function startTestJournal(t: Parameters<typeof testDatabase>[0], url: string): Journal {
  const journal = startJournal(url, silent)
  t.teardown(() => journal.stop())
  return journal
}

/** The same for whoever would wait no longer than a caller does: a busy machine may make a test wait longer. */
export const withLongTimeout = (journal: Journal): DurableEventSink => ({
  append: events => journal.append(events, APPEND_LIMIT_MS),
  note: (...events) => journal.note(...events),
  noteDurably: event => journal.noteDurably(event),
})

/** The attempts of the events `consent.asked` of a call, as the journal has them in order. */
export const journalledAttempts = async (db: Database, call: CallId): Promise<unknown[]> =>
  (await db.selectFrom('event').select('data').where('call_id', '=', call).orderBy('id').execute()).map(
    ({ data }) => data['attempt'],
  )

/** Keeps everybody from writing events until the result is called. */
export async function lockJournal(adminUrl: string): Promise<() => Promise<void>> {
  const locker: Connection = await connect(adminUrl, 'test lock')
  await locker.query('begin')
  await locker.query('lock table event in exclusive mode')
  return async () => {
    await locker.query('rollback')
    await locker.close()
  }
}
