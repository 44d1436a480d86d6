import type { EventData } from '../core/events.js'
import type { CallId } from '../core/ids.js'
import { withTyped } from '../core/typed-text.js'
import type { Db } from '../db/database.js'

/** The record that a person listened to a recording, or took a copy. `reason` is empty once it was erased with the caller's data. */
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
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['call_id', 'at', 'event.data', 'event_personal.data as personal'])
    .where('call_id', 'in', calls)
    .where('type', '=', 'recording.opened')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ call_id, at, data, personal }) => ({
    call: call_id!,
    at: at.toISOString(),
    ...{ ...withTyped('recording.opened', { by: '', reason: '', ...data }, personal) },
  }))
}
