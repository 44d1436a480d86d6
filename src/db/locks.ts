import { type Db, sql } from './database.js'

/**
 * Numbers of the advisory locks of older versions, which may still run beside this one. They never change. This version takes them
 * if it can, and relies on none of them, because every role that may connect to the database can take and keep them.
 */
export const OLD_LOCKS = {
  /** Held while the schema is migrated. */
  migration: 7_310_001,
  /** Held, shared, by writers of the journal. This version reads the lock of the table `event` instead, see `awaitWriters`. */
  journal: 7_310_002,
  lines: 7_310_003,
  holds: 7_310_005,
  /** Held, on a connection of its own, as the next two. */
  purge: 7_310_006,
  /** With a hash of the act's id. */
  acts: 7_310_007,
  /** With a hash of the service's id. */
  service: 7_310_008,
  people: 7_310_009,
  /** With a hash of the draft's id. This version does not take it. */
  drafts: 7_310_014,
} as const

/**
 * What a transaction may lock. Each is a table without rows, `turn_…`, which only the roles of service and console have the privilege
 * to lock.
 */
export type Turn =
  /**
   * Locked while a draft of a line is changed or published. Taken before `lines`. The row of the draft cannot be locked instead, because
   * the journal changes it on a connection of its own.
   */
  | 'drafts'
  /** Locked while a new version of a line or of a prompt is saved or put into force, because each is checked against the other. */
  | 'lines'
  /** Shared while recordings are marked for destruction, exclusive while a hold is placed or released, so that the two never overlap. */
  | 'holds'
  /** Locked while people of the console are changed, so that two administrators do not disable one another at once. */
  | 'people'

/**
 * Waits until no other transaction has this turn, and has it until the transaction ends. It is a statement of its own, so that the
 * next statement sees everything that was committed under the turn before.
 *
 * @param trx a transaction
 * @param mode how others may have it meanwhile: not at all, or only as `share` too
 * @throws the database's error
 */
export const takeTurn = (trx: Db, turn: Turn, mode: 'exclusive' | 'share' = 'exclusive'): Promise<unknown> =>
  sql
    .raw(
      `lock table turn_${turn} in ${mode} mode;
       select pg_try_advisory_xact_lock${mode === 'share' ? '_shared' : ''}(${OLD_LOCKS[turn]}) where '${turn}' <> 'drafts'`,
    )
    .execute(trx)
