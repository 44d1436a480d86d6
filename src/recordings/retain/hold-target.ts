import { AppError } from '../../core/errors.js'
import { type CallId, isUuid, type RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'

/** The recordings on which a hold is placed. */
export type HoldTarget =
  | { recording: RecordingId }
  | { call: CallId }
  /** A caller's number as the PBX gives it. The hold also keeps later recordings of this caller. */
  | { number: string }
  /** Recordings that began at `from` or later, and before `to`. */
  | { from: Date; to: Date }

/**
 * Reads the target of a hold from the command line.
 *
 * @param text the id of a recording, the id of a call, or a caller's number
 * @throws AppError `not-found` if no recording and no call has this id
 */
export async function parseHoldTarget(db: Db, text: string): Promise<HoldTarget> {
  if (!isUuid(text)) return { number: text }
  const { rows } = await sql<{ recording: boolean; call: boolean }>`select
    exists (select from recording where id = ${text}::uuid) as recording,
    exists (select from call where id = ${text}::uuid) as call`.execute(db)
  if (rows[0]?.recording) return { recording: text as RecordingId }
  if (rows[0]?.call) return { call: text as CallId }
  throw new AppError('not-found', `No recording and no call has the id ${text}. See consentry calls.`)
}
