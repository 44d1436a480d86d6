import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '../../db/connection.js'
import { LOCKS } from '../../db/locks.js'

/** From one look at the writers to the next, ms: a transaction takes a few, and a look costs the database little. */
const POLL_MS = 10

/** Transactions that write events now: each one holds the journal's lock, shared, since before it drew its first id. */
async function currentWriters(connection: Connection): Promise<Set<string>> {
  const { rows } = await connection.query<{ writer: string }>(
    `select virtualtransaction as writer from pg_locks
     where locktype = 'advisory' and granted and classid = 0 and objid = ${LOCKS.journal} and objsubid = 1
       and database = (select oid from pg_database where datname = current_database())`,
  )
  return new Set(rows.map(({ writer }) => writer))
}

/**
 * Waits until every transaction has ended that writes events at the moment of the call. Afterwards every id that was drawn
 * before the call is committed or never will be. Later writers do not matter, and no writer has to wait.
 *
 * @param ms longest wait, ms
 * @param lookMs from one look to the next, ms
 * @returns false if one of them still writes
 */
export async function awaitWriters(connection: Connection, ms: number, lookMs = POLL_MS): Promise<boolean> {
  const until = performance.now() + ms
  const first = await currentWriters(connection)
  for (let left = first; left.size > 0; ) {
    if (performance.now() > until) return false
    await pause(lookMs)
    const now = await currentWriters(connection)
    left = new Set([...left].filter(writer => now.has(writer)))
  }
  return true
}
