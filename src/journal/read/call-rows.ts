import type { Decision } from '../../core/events.js'
import type { CallId, EventId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'

/** Number of calls if the filter has no limit. */
const DEFAULT_LIMIT = 100

/** Conditions on calls. A member that is absent does not restrict. */
export interface CallFilter {
  id?: CallId
  line?: string
  decision?: Decision
  /** The caller's number, exactly. */
  caller?: string
  /** Started at this moment or later. */
  since?: Date
  /** Started before this moment. */
  until?: Date
  /** Listed after this call, that is, not later than it. */
  after?: { startedAt: Date; id: CallId }
  /** Maximum number of calls, the latest ones; 100 if absent. */
  limit?: number
}

/** Calls that match `filter`, latest first, with the caller's number unless it was erased. */
export async function callRows(db: Db, filter: CallFilter) {
  let query = db
    .selectFrom('call')
    .leftJoin('event_personal', join => join.on(sql<boolean>`event_personal.event = ${callerEvent}`))
    .select(['id', 'line', 'decision', 'started_at', 'ended_at', 'probe', callerColumn.as('caller')])
    .orderBy('started_at', 'desc')
    .orderBy('id')
    .limit(filter.limit ?? DEFAULT_LIMIT)
  if (filter.id !== undefined) query = query.where('id', '=', filter.id)
  if (filter.line !== undefined) query = query.where('line', '=', filter.line)
  if (filter.decision !== undefined) query = query.where('decision', '=', filter.decision)
  if (filter.since !== undefined) query = query.where('started_at', '>=', filter.since)
  if (filter.until !== undefined) query = query.where('started_at', '<', filter.until)
  if (filter.after !== undefined) {
    const { startedAt, id } = filter.after
    query = query
      .where('started_at', '<=', startedAt)
      .where(({ eb, or }) => or([eb('started_at', '<', startedAt), eb('id', '>', id)]))
  }
  if (filter.caller !== undefined) {
    // In a single query the planner overestimates how many of a million calls one caller made, and reads all calls.
    const events = await eventsWithCaller(db, filter.caller)
    query = query.where(sql<boolean>`${callerEvent} = any(${events}::uuid[])`)
  }
  return query.execute()
}

/** Events whose personal part names this number as the caller. */
async function eventsWithCaller(db: Db, caller: string): Promise<EventId[]> {
  const rows = await db
    .selectFrom('event_personal')
    .select('event')
    .where(callerColumn, '=', caller)
    // The index on callers is partial and needs this condition.
    .where(sql<boolean>`event_personal.data ? 'caller'`)
    .execute()
  return rows.map(({ event }) => event)
}

export const callerColumn = sql<string | null>`event_personal.data ->> 'caller'`

/** The event whose personal part holds the caller's number. The expression must equal that of the index. */
export const callerEvent = sql`coalesce(call.caller_event, call.started_event)`
