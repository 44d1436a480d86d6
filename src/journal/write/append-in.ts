import type { CallEvent } from '../../core/events.js'
import { type Db, sql } from '../../db/database.js'
import { describeFailure } from '../../db/failure.js'
import { encodeEvent } from './encode-event.js'
import { PROJECTION } from './projection.js'
import { isRefused, refused } from './refused.js'
import { INSERT } from './write-batch.js'

const [BEFORE_ROWS, AFTER_ROWS] = INSERT.split('$1') as [string, string]
const PROJECTED = new Set(PROJECTION.map(({ type }) => type))

/**
 * Longest idle time of a transaction after it has entered an event, ms. Only its commit follows, which is sent at once.
 * No later event enters the transparency log before it ends, so the database ends the transaction of a frozen process.
 */
const STILL_MS = 2_000

/** Sets the limit for this transaction only. */
const PREPARE = `set local idle_in_transaction_session_timeout = ${STILL_MS}`

/**
 * Enters events in a transaction of the caller, so that they are committed together with a row that is not a
 * projection, or not at all. It waits for no other writer, so it may be called under any lock. Call it last: until the
 * transaction ends, no later event enters the transparency log. If the transaction is then idle for 2 s, the database
 * ends it.
 *
 * @param trx a transaction
 * @param events without a call, and of types that change no table, because they bypass the queue of the journal
 * @throws AppError `journal.refused` if the database refuses the events for good; otherwise the database's error
 */
export async function appendIn(trx: Db, events: readonly CallEvent[]): Promise<void> {
  const unfit = events.find(({ call, type }) => call !== null || PROJECTED.has(type))
  if (unfit) throw new Error(`${unfit.type} is entered by the journal`)
  if (events.length === 0) return
  await sql.raw(PREPARE).execute(trx)
  const rows = `[${events.map(encodeEvent).join(',')}]`
  try {
    await sql`${sql.raw(BEFORE_ROWS)}${rows}${sql.raw(AFTER_ROWS)}`.execute(trx)
  } catch (error) {
    if (!isRefused(error)) throw error
    throw refused(
      events.map(({ type }) => type),
      describeFailure(error),
    )
  }
}
