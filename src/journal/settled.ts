import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '../db/connection.js'
import type { Database } from '../db/database.js'
import { sqlState } from '../db/failure.js'
import { LOCKS } from '../db/locks.js'
import type { Log } from '../shared/log.js'

/** How long other writers may be made to wait behind us, ms; from one look to the next they write as they please. */
const LOOK_MS = 250
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Resolves once nothing that was sent to the journal before is still on its way into it, also by a service that is no more:
 * the database goes on with what it was sent. Who reads tables before that may go on from what will not have been the last.
 *
 * @throws AppError `db.unavailable`, and what the database throws
 */
export async function settled(db: Database, log: Log): Promise<void> {
  const connection = await db.connect('settled')
  try {
    await connection.query(`set lock_timeout = ${LOOK_MS}`)
    for (let told = false; await stillWrites(connection); told = true) {
      if (!told) log.warn('the database is still writing what came before; waiting for it')
      await pause(LOOK_MS)
    }
  } finally {
    await connection.close().catch(() => connection.cut())
  }
}

/**
 * Writers hold the lock, shared, from before their first event until they are done. Ours is gone with its statement: nobody
 * waits for us if we are frozen.
 */
async function stillWrites(connection: Connection): Promise<boolean> {
  try {
    await connection.query(`select pg_advisory_xact_lock(${LOCKS.journal})`)
    return false
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return true
    throw error
  }
}
