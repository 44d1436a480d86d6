import type { Db } from '../db/database.js'
import type { RecordingState } from '../db/tables.js'
import type { PartId, RecordingId } from '../shared/ids.js'

/** @returns those of these parts that the database knows */
export async function knownParts(db: Db, parts: readonly PartId[]): Promise<Set<PartId>> {
  const rows = await db.selectFrom('part').where('id', 'in', parts).select('id').execute()
  return new Set(rows.map(({ id }) => id))
}

/** @returns the state of a recording; undefined if the database does not know it */
export async function recordingState(db: Db, recording: RecordingId): Promise<RecordingState | undefined> {
  const row = await db.selectFrom('recording').where('id', '=', recording).select('state').executeTakeFirst()
  return row?.state
}

/**
 * Tells whether the database knows a recording in progress, of any service, with this purpose and due day.
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
