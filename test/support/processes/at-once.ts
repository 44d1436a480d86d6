import { type Db, sql } from '../../../src/db/database.js'
import type { EventSink } from '../../../src/shared/ports.js'
import { until } from './database.js'

/** A journal that takes its events only once `meanwhile` is done. */
export const after = (journal: EventSink, meanwhile: () => Promise<unknown>): EventSink => ({
  append: async (events, timeoutMs) => {
    await meanwhile()
    await journal.append(events, timeoutMs)
  },
  note: (...events) => journal.note(...events),
})

/** Waits until so many transactions of this database wait for others. */
export const waiting = (db: Db, count: number): Promise<void> =>
  until(async () => {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_locks l join pg_stat_activity a using (pid)
      where not l.granted and a.datname = current_database()`.execute(db)
    return rows[0]!.waiting >= count
  })
