import type { CallId } from '../../../src/core/ids.js'
import type { DurableEventSink } from '../../../src/core/ports.js'
import { type Connection, connect } from '../../../src/db/connection.js'
import type { Database } from '../../../src/db/database.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import { BEGIN_HELD, silent, type testDatabase } from '../processes/database.js'
import { told } from './told-events.js'

/** Time limit of appends, ms. Tests that are not about the limit do not reach it. */
export const APPEND_LIMIT_MS = 60_000

/** A journal that stops when the test ends. */
export function startTestJournal(t: Parameters<typeof testDatabase>[0], url: string): Journal {
  const journal = startJournal(url, silent)
  t.teardown(() => journal.stop())
  return journal
}

/** The same journal with a longer time limit than callers get, for busy machines. */
export const withLongTimeout = (journal: Journal): DurableEventSink => ({
  append: events => journal.append(events, APPEND_LIMIT_MS),
  note: (...events) => journal.note(...events),
  noteDurably: event => journal.noteDurably(event),
})

/** @returns `attempt` of each `consent.asked` of a call, in the journal's order */
export const journalledAttempts = async (db: Database, call: CallId): Promise<unknown[]> =>
  (await told(db).select('data').where('call_id', '=', call).orderBy('id').execute()).map(
    ({ data }) => data['attempt'],
  )

/** Locks the table of events against writing. @returns releases the lock */
export async function lockJournal(adminUrl: string): Promise<() => Promise<void>> {
  const locker: Connection = await connect(adminUrl, 'test lock')
  await locker.query(BEGIN_HELD)
  await locker.query('lock table event in exclusive mode')
  return async () => {
    await locker.query('rollback')
    await locker.close()
  }
}
