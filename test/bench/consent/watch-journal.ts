import { setTimeout as sleep } from 'node:timers/promises'
import { epochMs } from '../../../lab/time.js'
import { type Database, sql } from '../../../src/db/database.js'

/** Interval at which the journal is read for an answer, ms: the figure may be too high by this. And for a call. */
const [POLL_MS, CALL_POLL_MS] = [1, 20]
/** Longest time to wait for an answer, and until the journal knows a call, ms. */
const [ANSWER_LIMIT_MS, CALL_LIMIT_MS] = [5_000, 5_000]

/** @returns id of the call from a number: a caller may hear a sound before the call is committed. @throws Error if there is none */
export async function findCall(db: Database, caller: string): Promise<string> {
  for (const end = epochMs() + CALL_LIMIT_MS; epochMs() < end; await sleep(CALL_POLL_MS)) {
    const { rows } = await sql<{ call_id: string }>`
      select call_id from event join event_personal on event_personal.event = event.uuid
      where event_personal.data ? 'caller' and event_personal.data ->> 'caller' = ${caller}`.execute(db)
    if (rows[0]) return rows[0].call_id
  }
  throw new Error('the journal does not know the call')
}

/**
 * Waits until another connection sees the call's answer, that is, until it is committed.
 *
 * @returns when, epoch ms
 * @throws Error after the limit
 */
export async function waitForAnswer(db: Database, call: string): Promise<number> {
  for (const end = epochMs() + ANSWER_LIMIT_MS; epochMs() < end; await sleep(POLL_MS)) {
    const { rows } = await sql`
      select from event where call_id = ${call} and type = 'consent.answered'`.execute(db)
    if (rows.length > 0) return epochMs()
  }
  throw new Error('the answer did not reach the journal')
}
