import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '../../db/connection.js'
import type { Database } from '../../db/database.js'
import type { Log } from '../../lib/log.js'

/** Interval between two queries for writers, ms. A transaction takes a few ms, and the query is cheap. */
const POLL_MS = 10

/** The same interval while a service starts, ms. A quarter of a second delays the start only a little. */
const START_POLL_MS = 250

/** How long a starting service waits for the writes of the previous service, ms. */
export interface DrainLimits {
  /** Time after which it logs why it waits. A batch takes some ms. */
  warn: number
  /**
   * Time after which it ends the writers of its own role. A running service aborts a batch after 2 s by itself, and the
   * database ends an operation that is idle for 2 s before its commit, see `appendIn`.
   */
  end: number
  /**
   * Time after which it starts nevertheless, so that callers are asked. Only a person or another program holds the
   * table for so long.
   */
  giveUp: number
}

const LIMITS: DrainLimits = { warn: 1_000, end: 10_000, giveUp: 5_000 }

/**
 * The locks of the transactions that are writing events. An insertion locks the table before it draws the first id.
 * Only a role that may insert events can take this lock.
 */
const WRITERS = `pg_locks where locktype = 'relation' and granted and relation = 'event'::regclass
  and mode = 'RowExclusiveLock' and database = (select oid from pg_database where datname = current_database())`

async function currentWriters(connection: Connection): Promise<Set<string>> {
  const { rows } = await connection.query<{ writer: string }>(
    `select virtualtransaction as writer from ${WRITERS}`,
  )
  return new Set(rows.map(({ writer }) => writer))
}

/** Ends the connections of our own role that have been writing events for `ms`. @returns how many */
async function endOwnWriters(connection: Connection, ms: number): Promise<number> {
  const { rows } = await connection.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where usename = current_user and pid in (select pid from ${WRITERS})
       and xact_start < clock_timestamp() - $1 * interval '1 ms'`,
    [ms],
  )
  return rows.length
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
 * that has died. A service that read the tables earlier would start from rows that are about to change. A transaction that does
 * not end cannot keep the service from starting, see `DrainLimits`.
 *
 * @throws AppError `db.unavailable`; other errors of the database
 */
export async function drainInFlightWrites(db: Database, log: Log, limits = LIMITS): Promise<void> {
  const connection = await db.connect('settled')
  try {
    if (await awaitWriters(connection, limits.warn, START_POLL_MS)) return
    log.warn('the database is still writing events of the previous service; the start waits until it is done')
    if (await awaitWriters(connection, limits.end, START_POLL_MS)) return
    const ended = await endOwnWriters(connection, limits.end)
    log.error({ ended }, 'connections that did not end their writing of events were ended')
    if (await awaitWriters(connection, limits.giveUp, START_POLL_MS)) return
    log.error(
      'a transaction of another role has events in hand and does not end; the service starts without them, and the log stands until it ends: see docs/operate.md, The log stands still',
    )
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}
