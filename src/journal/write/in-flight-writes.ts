import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '../../db/connection.js'
import type { Database } from '../../db/database.js'
import { LOCKS } from '../../db/locks.js'
import type { Log } from '../../shared/log.js'

/** Interval between two queries for writers, ms. A transaction takes a few ms, and the query is cheap. */
const POLL_MS = 10

/** The same interval while a service starts, ms. A quarter of a second delays the start only a little. */
const START_POLL_MS = 250

/** A starting service logs why it waits after this time, ms. */
const WARN_AFTER_MS = 1_000

/** The transactions that write events now. Each holds the journal's shared lock since before it drew its first event id. */
async function currentWriters(connection: Connection): Promise<Set<string>> {
  const { rows } = await connection.query<{ writer: string }>(
    `select virtualtransaction as writer from pg_locks
     where locktype = 'advisory' and granted and classid = 0 and objid = ${LOCKS.journal} and objsubid = 1
       and database = (select oid from pg_database where datname = current_database())`,
  )
  return new Set(rows.map(({ writer }) => writer))
}

/**
 * Waits until every transaction that writes events at the moment of the call has ended. Afterwards every event id drawn before
 * the call is committed or never will be. Transactions that begin later are not waited for, and no writer is blocked.
 *
 * @param ms longest wait, ms
 * @param pollMs interval between two queries, ms
 * @returns false if one of the transactions still runs after `ms`
 * @throws what the database throws
 */
export async function awaitWriters(connection: Connection, ms: number, pollMs = POLL_MS): Promise<boolean> {
  const until = performance.now() + ms
  const first = await currentWriters(connection)
  for (let remaining = first; remaining.size > 0; ) {
    if (performance.now() > until) return false
    await pause(pollMs)
    const now = await currentWriters(connection)
    remaining = new Set([...remaining].filter(writer => now.has(writer)))
  }
  return true
}

/**
 * Resolves once every write to the journal that was sent before the call has ended. The database finishes writes of a service
 * that has died. A service that read the tables earlier would start from rows that are about to change.
 *
 * @throws AppError `db.unavailable`; other errors of the database
 */
export async function drainInFlightWrites(db: Database, log: Log): Promise<void> {
  const connection = await db.connect('settled')
  try {
    if (await awaitWriters(connection, WARN_AFTER_MS, START_POLL_MS)) return
    log.warn('the database is still writing events of the previous service; the start waits until it is done')
    await awaitWriters(connection, Number.POSITIVE_INFINITY, START_POLL_MS)
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}
