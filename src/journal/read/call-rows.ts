import { type Db, sql } from '../../db/database.js'
import type { Decision } from '../../shared/events.js'
import type { CallId, EventId } from '../../shared/ids.js'

/** Calls shown when nobody says how many. */
const DEFAULT_LIMIT = 100

/** Which calls are wanted; what is not given does not matter. */
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
  /** At most so many, the latest; 100 if not given. */
  limit?: number
}

/** Rows of calls with the caller's number as long as it is kept, latest first. */
export async function callRows(db: Db, filter: CallFilter) {
  let query = db
    .selectFrom('call')
    .leftJoin('event_personal', join => join.on(sql<boolean>`event_personal.event = ${callerEvent}`))
    .select(['id', 'line', 'decision', 'started_at', 'ended_at', callerColumn.as('caller')])
    .orderBy('started_at', 'desc')
    .orderBy('id')
    .limit(filter.limit ?? DEFAULT_LIMIT)
  if (filter.id) query = query.where('id', '=', filter.id)
  if (filter.line) query = query.where('line', '=', filter.line)
  if (filter.decision) query = query.where('decision', '=', filter.decision)
  if (filter.since) query = query.where('started_at', '>=', filter.since)
  if (filter.until) query = query.where('started_at', '<', filter.until)
  if (filter.caller) {
    // Looked up first: among a million calls the planner overrates how many one caller made, and would read them all.
    const events = await eventsWithCaller(db, filter.caller)
    query = query.where(sql<boolean>`${callerEvent} = any(${events}::uuid[])`)
  }
  return query.execute()
}

/** Events that say, or once said, that this number called. */
async function eventsWithCaller(db: Db, caller: string): Promise<EventId[]> {
  const rows = await db
    .selectFrom('event_personal')
    .select('event')
    .where(callerColumn, '=', caller)
    // Lets the index on callers serve, which holds only rows that have one.
    .where(sql<boolean>`event_personal.data ? 'caller'`)
    .execute()
  return rows.map(({ event }) => event)
}

const callerColumn = sql<string | null>`event_personal.data ->> 'caller'`

/** Where the caller's number stands; written like the index on it. */
const callerEvent = sql`coalesce(call.caller_event, call.started_event)`
