import type { Clock } from '../../core/clock.js'
import { type Db, sql } from '../../db/database.js'
import { describeFailure, sqlState } from '../../db/failure.js'
import type { Log } from '../../lib/log.js'
import { sleep } from '../../lib/retry.js'

/** The tables from which erasures remove numbers and typed text, see migrations/001.schema.sql. */
const TABLES = ['event_personal', 'hold', 'act', 'incident', 'rights_request', 'user_training'] as const
/**
 * Largest table with its indexes that is rewritten while calls come, bytes. It takes 0.2 s on two busy cores, and has
 * the personal data of some 20,000 calls.
 */
const MOST_BYTES = 8 * 1_048_576
/** How long a table may be locked, ms. A caller's answer waits meanwhile, and counts only if it is committed within 500 ms. */
const LOCKED_MS = 400
/** How long to wait for the lock, ms. Later queries wait behind this request. */
const WAIT_MS = 100
/** Number of attempts for a table that is in use, and the time between two attempts, ms. */
const TRIES = 3
const RETRY_MS = 500

/**
 * Whether the database's files still have the erased data:
 *
 * - `rewritten`: they do not, unless a transaction that began before may still read it.
 * - `busy`: a table was in use. The service tries again within a day.
 * - `too-large`: a table is too large to be locked so long. The erased bytes stay until other rows overwrite them.
 */
export type ErasedBytes = 'rewritten' | 'busy' | 'too-large'

/**
 * Rewrites the tables from which data was erased, so that the database's files no longer have its bytes. The
 * write-ahead log keeps them for a time, see docs/rights.md. Never rejects, because the erasure itself is committed.
 */
export async function rewritePersonalTables({ db, clock, log }: RewriteDeps): Promise<ErasedBytes> {
  let all: ErasedBytes = 'rewritten'
  for (const table of TABLES) {
    const one = await rewrite(db, table, clock).catch((error: unknown) => {
      log.warn({ table, reason: describeFailure(error) }, 'a table could not be rewritten after an erasure')
      return 'busy' as const
    })
    if (one !== 'rewritten' && all !== 'too-large') all = one
  }
  return all
}

async function rewrite(db: Db, table: string, clock: RewriteDeps['clock']): Promise<ErasedBytes> {
  const { rows } = await sql<{ bytes: number }>`
    select pg_total_relation_size(${table}::regclass) as bytes`.execute(db)
  if (rows[0]!.bytes > MOST_BYTES) return 'too-large'
  for (let tries = 1; !(await tryToRewrite(db, table)); tries += 1) {
    if (tries === TRIES) return 'busy'
    await sleep(clock, RETRY_MS)
  }
  return 'rewritten'
}

/** @returns false if the table could not be locked, or written, in time */
const tryToRewrite = (db: Db, table: string): Promise<boolean> =>
  db
    .transaction()
    .execute(async trx => {
      await sql`select set_config('lock_timeout', ${String(WAIT_MS)}, true),
        set_config('statement_timeout', ${String(LOCKED_MS)}, true)`.execute(trx)
      await sql`select rewrite_personal(${table})`.execute(trx)
      return true
    })
    .catch(throwUnlessUsed)

interface RewriteDeps {
  db: Db
  clock: Pick<Clock, 'after'>
  log: Pick<Log, 'warn'>
}

/** SQLSTATEs of a lock that was not free in time, and of a statement that took too long. */
const USED = new Set(['55P03', '57014'])

function throwUnlessUsed(error: unknown): false {
  if (USED.has(sqlState(error) ?? '')) return false
  throw error
}
