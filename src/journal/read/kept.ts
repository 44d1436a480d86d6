import { type Db, sql } from '../../db/database.js'
import type { HoldId, RecordingId } from '../../shared/ids.js'

/** What keeps a recording. A block does what a hold does, and forbids to play or export it as well. */
export type Keeping = 'hold' | 'block'

/** One hold that keeps one recording. */
export interface KeptBy {
  recording: RecordingId
  hold: HoldId
  kind: Keeping
}

/** Which holds keep these recordings now; a recording may be kept by several. */
export async function holdsOf(db: Db, recordings: readonly RecordingId[]): Promise<KeptBy[]> {
  if (recordings.length === 0) return []
  const { rows } = await sql<KeptBy>`select recording, hold, kind
    from kept_among(${recordings}::uuid[], now())`.execute(db)
  return rows
}

/** Which of these recordings are kept now, whatever their term; of hold and block, the block counts. */
export async function keptAmong(
  db: Db,
  recordings: readonly RecordingId[],
): Promise<Map<RecordingId, Keeping>> {
  const kept = new Map<RecordingId, Keeping>()
  for (const { recording, kind } of await holdsOf(db, recordings))
    if (kind === 'block' || !kept.has(recording)) kept.set(recording, kind)
  return kept
}
