import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../core/errors.js'
import type { Connection } from './connection.js'
import type { Database } from './database.js'
import { lockKey, type SessionLockName } from './locks.js'

/**
 * Wait between two attempts of `withSessionLock`, ms. A purge or a rotation runs for minutes. A statement that waited so
 * long would keep a snapshot, and with it the rows that the purge erases.
 */
const RETRY_MS = 200

/** A lock that lasts as long as a connection, for `withSessionLock` and `trySessionLock`. */
export interface SessionLock {
  name: SessionLockName
  /** Locks one item, such as an act, by its id. Without it, everything of this name is locked. */
  item?: string
  /** Application name of the connection. */
  purpose: string
}

/**
 * Waits for the lock, then works while it is held. The lock belongs to a connection of its own: a pool closes idle
 * connections, and their locks with them.
 *
 * @param work gets a signal that is aborted, with AppError `db.unavailable`, if the connection is lost and the lock with it. Work that
 *   would do harm beside that of another session must then stop.
 * @returns the result of `work`
 * @throws AppError `db.unavailable`, the database's errors, and what `work` throws
 */
export async function withSessionLock<T>(
  db: Pick<Database, 'connect'>,
  lock: SessionLock,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  return onOwnConnection(db, lock, async (connection, lost) => {
    while (!(await acquireSessionLock(connection, lock))) await pause(RETRY_MS)
    return work(lost)
  })
}

/**
 * As `withSessionLock`, but does not wait.
 *
 * @returns undefined, without calling `work`, if another session holds the lock
 */
export const trySessionLock = <T>(
  db: Pick<Database, 'connect'>,
  lock: SessionLock,
  work: () => Promise<T>,
): Promise<T | undefined> =>
  onOwnConnection(db, lock, async connection =>
    (await acquireSessionLock(connection, lock)) ? work() : undefined,
  )

async function onOwnConnection<T>(
  db: Pick<Database, 'connect'>,
  { purpose }: SessionLock,
  work: (connection: Connection, lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const connection = await db.connect(purpose)
  const losing = new AbortController()
  connection.onLost(() => losing.abort(lockLost(purpose)))
  try {
    return await work(connection, losing.signal)
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}

const lockLost = (purpose: string): AppError =>
  new AppError('db.unavailable', `The connection that held the lock of the ${purpose} was lost. Try again.`, {
    retryable: true,
  })

/**
 * Takes the advisory lock of the session, without waiting. It is released when the connection ends.
 *
 * @returns whether this session has the lock now. It must not have it before.
 * @throws the database's error
 */
export async function acquireSessionLock(
  connection: Connection,
  { name, item = '' }: SessionLock,
): Promise<boolean> {
  const { rows } = await connection.query<{ held: boolean }>(
    `select pg_try_advisory_lock(${lockKey(name, '$1::text')}) as held`,
    [item],
  )
  return rows[0]!.held
}

/** SQL, of a row `l` of pg_locks: a session holds this lock. @param item SQL of a text */
export const isHeld = (name: SessionLockName, item = `''`): string =>
  `l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32) | l.objid::bigint = ${lockKey(name, item)}`

/** SQL: whether another session holds the lock. @param item SQL of a text */
export const holderOf = (name: SessionLockName, item = `''`): string =>
  `exists (select from pg_locks l where l.pid <> pg_backend_pid() and ${isHeld(name, item)})`
