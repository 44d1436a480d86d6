import { type Db, sql } from '../../db/database.js'
import type { HoldId, RecordingId } from '../../shared/ids.js'

/** What keeps a recording. A block does what a hold does, and forbids to play or export it as well. */
export type HoldKind = 'hold' | 'block'

/** One hold that keeps one recording. */
export interface RecordingHold {
  recording: RecordingId
  hold: HoldId
  kind: HoldKind
}

/** Which holds keep these recordings now; a recording may be kept by several. */
export async function recordingHolds(db: Db, recordings: readonly RecordingId[]): Promise<RecordingHold[]> {
  if (recordings.length === 0) return []
  const { rows } = await sql<RecordingHold>`select recording, hold, kind
    from kept_among(${recordings}::uuid[], now())`.execute(db)
  return rows
}

/** Which of these recordings are kept now, whatever their term; of hold and block, the block counts. */
export async function holdKinds(
  db: Db,
  recordings: readonly RecordingId[],
): Promise<Map<RecordingId, HoldKind>> {
  const kept = new Map<RecordingId, HoldKind>()
  for (const { recording, kind } of await recordingHolds(db, recordings))
    if (kind === 'block' || !kept.has(recording)) kept.set(recording, kind)
  return kept
}
