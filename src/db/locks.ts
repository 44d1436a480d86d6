import type { Database } from './database.js'

/**
 * Numbers of the advisory locks. They never change, because two versions of the service that run at the same time must use the
 * same numbers.
 */
export const LOCKS = {
  /** Held while the schema is migrated. */
  migration: 7_310_001,
  /**
   * Writers of the journal hold it, shared, from before they draw an id, if nobody keeps it from them. The sequencers of older
   * versions wait until it is released. This version reads the lock of the table `event` instead, see `awaitWriters`.
   */
  journal: 7_310_002,
  /** Held while a new version of a line or of a prompt is saved or put into force, because each is checked against the other. */
  lines: 7_310_003,
  /** Shared while recordings are marked for destruction, exclusive while a hold is placed, so that the two never overlap. */
  holds: 7_310_005,
  /** Held during a purge or a rotation, on a connection of its own. */
  purge: 7_310_006,
  /** Held, with a hash of the act's id, while that act is worked on, on a connection of its own. */
  acts: 7_310_007,
  /** Held, with a hash of the service's id, while that service runs, on a connection of its own. */
  service: 7_310_008,
  /** Held while people of the console are changed, so that two administrators do not disable one another at once. */
  people: 7_310_009,
  /** Held, with a hash of the draft's id, while that draft of a line is changed or published. Taken before `lines`. */
  drafts: 7_310_014,
} as const

/** One advisory lock, for `withAdvisoryLock` and `tryAdvisoryLock`. */
export interface AdvisoryLock {
  /** One of `LOCKS`. */
  number: number
  /** Locks one item, such as an act, by a hash of this text. Without it, the whole number is locked. */
  item?: string
  /** Names the connection to the database, as its application name. */
  purpose: string
}

/**
 * Waits for the lock, then works while it is held. The lock belongs to a connection of its own: a pool closes idle
 * connections, and their locks with them.
 *
 * @returns the result of `work`
 * @throws AppError `db.unavailable`, the database's errors, and what `work` throws
 */
export async function withAdvisoryLock<T>(
  db: Pick<Database, 'connect'>,
  lock: AdvisoryLock,
  work: () => Promise<T>,
): Promise<T> {
  const connection = await db.connect(lock.purpose)
  try {
    await connection.query(...lockQuery('pg_advisory_lock', lock))
    return await work()
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}

/**
 * As `withAdvisoryLock`, but does not wait.
 *
 * @returns undefined, without calling `work`, if another session holds the lock
 */
export async function tryAdvisoryLock<T>(
  db: Pick<Database, 'connect'>,
  lock: AdvisoryLock,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const connection = await db.connect(lock.purpose)
  try {
    const { rows } = await connection.query<{ acquired: boolean }>(...lockQuery('pg_try_advisory_lock', lock))
    return rows[0]!.acquired ? await work() : undefined
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}

const lockQuery = (
  lockFunction: 'pg_advisory_lock' | 'pg_try_advisory_lock',
  { number, item }: AdvisoryLock,
): [text: string, values: unknown[]] =>
  item === undefined
    ? [`select ${lockFunction}($1) as acquired`, [number]]
    : [`select ${lockFunction}($1, hashtext($2)) as acquired`, [number, item]]
