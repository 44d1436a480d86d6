import type { HoldId, RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { keptAmong } from './holds-in-force.js'

/** A block keeps a recording as a hold does, and also forbids to play and export it. */
export type HoldKind = 'hold' | 'block'

/** One hold or block on one recording. */
export interface RecordingHold {
  recording: RecordingId
  hold: HoldId
  kind: HoldKind
}

/** The holds and blocks on these recordings now. A recording may have several. */
export async function recordingHolds(db: Db, recordings: readonly RecordingId[]): Promise<RecordingHold[]> {
  if (recordings.length === 0) return []
  const { rows } = await sql<RecordingHold>`${keptAmong(sql`${recordings}::uuid[]`, new Date())}`.execute(db)
  return rows
}

/** Of these recordings, those under a hold or block now. A recording with both counts as blocked. */
export async function holdKinds(
  db: Db,
  recordings: readonly RecordingId[],
): Promise<Map<RecordingId, HoldKind>> {
  const kinds = new Map<RecordingId, HoldKind>()
  for (const { recording, kind } of await recordingHolds(db, recordings))
    if (kind === 'block' || !kinds.has(recording)) kinds.set(recording, kind)
  return kinds
}
