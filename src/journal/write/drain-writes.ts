import type { Database } from '../../db/database.js'
import type { Log } from '../../shared/log.js'
import { awaitWriters } from './in-flight-writes.js'

/** After so long a wait the log says why the start waits, ms. */
const WARN_AFTER_MS = 1_000
/** From one look at the writers to the next, ms: a quarter of a second more delays the start of a service little. */
const START_POLL_MS = 250

/**
 * Resolves once nothing that was sent to the journal before is still on its way into it, also by a service that is no more:
 * the database goes on with what it was sent. Who reads tables before that may go on from what will not have been the last.
 *
 * @throws AppError `db.unavailable`, and what the database throws
 */
export async function drainInFlightWrites(db: Database, log: Log): Promise<void> {
  const connection = await db.connect('settled')
  try {
    if (await awaitWriters(connection, WARN_AFTER_MS, START_POLL_MS)) return
    log.warn('the database is still writing what came before; waiting for it')
    await awaitWriters(connection, Number.POSITIVE_INFINITY, START_POLL_MS)
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}
