import type { PartId, RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import type { RecordingState } from '../../db/tables.js'

/**
 * Finds those of these parts that the database knows. A recording counts as destroyed only if its row and an event say so: the console's role
 * can write events, but not the row.
 *
 * @returns whether the recording of each part is destroyed
 */
export async function knownParts(
  db: Db,
  parts: readonly PartId[],
): Promise<Map<PartId, { destroyed: boolean }>> {
  const { rows } = await sql<{ id: PartId; destroyed: boolean }>`
    select p.id, case when r.state = 'destroyed' then exists (
        select from event e where e.call_id = r.call_id and e.type = 'recording.destroyed'
          and e.data ->> 'recording' = r.id::text)
      else false end as destroyed
    from part p join recording r on r.id = p.recording_id where p.id = any(${parts}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, destroyed }) => [id, { destroyed }]))
}

/** @returns the state of a recording; undefined if the database does not know it */
export async function recordingState(db: Db, recording: RecordingId): Promise<RecordingState | undefined> {
  const row = await db.selectFrom('recording').where('id', '=', recording).select('state').executeTakeFirst()
  return row?.state
}

/**
 * Whether the database knows a recording in progress, of any service, with this purpose and due day.
 *
 * @param due `YYYY-MM-DD`
 */
export async function hasRunningRecording(db: Db, purpose: string, due: string): Promise<boolean> {
  const row = await db
    .selectFrom('recording')
    .where('state', '=', 'recording')
    .where('purpose', '=', purpose)
    .where('due', '=', due)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}
