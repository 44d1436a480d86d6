import { type Db, sql } from './database.js'

/*
 * All processes that share the database wait for one another by its advisory locks: transactions by turns, sessions by
 * the locks of `session-lock.ts`. Every role that may connect could take such a lock, so only the roles of service and
 * console may connect, see docs/install.md.
 */

/** What a transaction may lock. */
export type Turn =
  /**
   * Locked while a draft of a line is changed or published. Taken before `lines`. The row of the draft cannot be locked instead, because
   * the journal changes it on a connection of its own.
   */
  | 'drafts'
  /** Locked while a new version of a line or of a prompt is saved or put into force, because each is checked against the other. */
  | 'lines'
  /**
   * Shared while recordings are marked for destruction. Exclusive while a hold is placed or released, or a number is
   * corrected. So these never overlap.
   */
  | 'holds'
  /** Locked while people of the console are changed, so that two administrators do not disable one another at once. */
  | 'people'
  /** Locked while a service extends the log, and while the log's key is rotated. */
  | 'log'

/** What a session may lock, see `SessionLock`. */
export type SessionLockName = 'purge' | 'acts' | 'service' | 'migration'

/** SQL: the key of an advisory lock. @param item SQL of a text */
export const lockKey = (name: Turn | SessionLockName, item = `''`): string =>
  `hashtextextended('consentry ${name} ' || ${item}, 0)`

/**
 * Waits until no other transaction has this turn, and has it until the transaction ends. Call it as a statement of its
 * own, so that the next statement sees everything that was committed under the previous turn.
 *
 * @param trx a transaction
 * @param mode whether other transactions may have it meanwhile: none, or those that also ask for `share`
 * @throws the database's error
 */
export const takeTurn = (trx: Db, turn: Turn, mode: 'exclusive' | 'share' = 'exclusive'): Promise<unknown> =>
  sql.raw(`select pg_advisory_xact_lock${mode === 'share' ? '_shared' : ''}(${lockKey(turn)})`).execute(trx)
