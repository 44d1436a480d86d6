import type { Db } from '../db/database.js'
import type { EventData } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'

/** The record that a person listened to a recording, or took a copy. */
export type Listen = EventData['recording.opened'] & {
  call: CallId
  /** ISO 8601, UTC. */
  at: string
}

/** Lists who listened to the recordings of these calls, latest first. */
export async function listListens(db: Db, calls: readonly CallId[]): Promise<Listen[]> {
  if (calls.length === 0) return []
  const rows = await db
    .selectFrom('event')
    .select(['call_id', 'at', 'data'])
    .where('call_id', 'in', calls)
    .where('type', '=', 'recording.opened')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ call_id, at, data }) => ({
    call: call_id!,
    at: at.toISOString(),
    ...(data as unknown as EventData['recording.opened']),
  }))
}
