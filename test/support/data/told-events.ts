import type { EventType } from '../../../src/core/events.js'
import { withTyped } from '../../../src/core/typed-text.js'
import { type Db, sql } from '../../../src/db/database.js'
import type { Tables } from '../../../src/db/tables.js'

type EventRow = Pick<Tables['event'], 'uuid' | 'call_id' | 'type'> & {
  id: number
  at: Date
  data: Record<string, unknown>
}

/** The table `event`, with what people typed in the data of each event. */
export const told = (db: Db) =>
  db.selectFrom(
    sql<EventRow>`(
      select e.id, e.uuid, e.call_id, e.at, e.type,
        e.data || coalesce(p.data - '{caller,dialled,digit,words,number}'::text[], '{}') as data
      from event e left join event_personal p on p.event = e.uuid)`.as<'event'>('event'),
  )

/** Events with what people typed in their data, also one level down, oldest first. @param types all events without any */
export async function toldEvents(db: Db, ...types: EventType[]) {
  let query = db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['type', 'event.data', 'event_personal.data as personal'])
    .orderBy('id')
  if (types.length > 0) query = query.where('type', 'in', types)
  const rows = await query.execute()
  return rows.map(({ type, data, personal }) => ({
    type,
    data: withTyped(type, data, personal) as unknown as Record<string, unknown>,
  }))
}
