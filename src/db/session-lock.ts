import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../core/errors.js'
import type { Connection } from './connection.js'
import type { Database } from './database.js'

/** Wait between two attempts of `withSessionLock`, ms. It waits for minutes, while a purge or a rotation runs. */
const RETRY_MS = 200

/** A lock that lasts as long as a connection, for `withSessionLock` and `trySessionLock`. */
export interface SessionLock {
  name: 'purge' | 'acts' | 'service'
  /** Locks one item, such as an act, by its id. Without it, everything of this name is locked. */
  item?: string
  /** Application name of the connection until it has the lock. */
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
 * Locks by the name of the session. A session that holds a lock has an application name that says so, and a role that
 * may write the journal. The database shows names and roles of all sessions to every role, and no session can take the
 * role of another. So a role without privileges can neither take a lock nor fake one. Sessions that ask at the same
 * time wait for one another by the lock of the table `turn_sessions`.
 *
 * @returns whether this session has the lock now. It must not have it before.
 * @throws the database's error. The connection is then no longer usable.
 */
export async function acquireSessionLock(
  connection: Connection,
  { name, item = '' }: SessionLock,
): Promise<boolean> {
  await connection.query('begin; lock table turn_sessions in exclusive mode')
  const { rows } = await connection.query<{ name: string | null }>(
    `select case when not (${holderOf(name, '$1')}) then set_config('application_name', ${nameOf(name, '$1')}, false) end as name`,
    [item],
  )
  await connection.query('commit')
  return rows[0]!.name !== null
}

/**
 * SQL: the application name of a session that holds the lock. The longest has 59 bytes, and PostgreSQL keeps 63.
 * @param item SQL
 */
const nameOf = (name: SessionLock['name'], item: string): string =>
  `trim('consentry ${name} held ' || ${item})`

/** SQL, of a row `s` of pg_stat_activity: the session is on this database, and its role may write the journal. */
export const TRUSTED_SESSION = `s.datname = current_database() and has_any_column_privilege(s.usesysid, 'event', 'insert')`

/** SQL: whether another session holds the lock. @param item SQL of a text */
export const holderOf = (name: SessionLock['name'], item: string): string =>
  `exists (
    select from pg_stat_activity s where s.pid <> pg_backend_pid() and ${TRUSTED_SESSION}
      and s.application_name = ${nameOf(name, item)})`
