import { type Db, sql } from '../db/database.js'
import { AppError } from '../shared/errors.js'
import { type CallId, isUuid, type RecordingId } from '../shared/ids.js'

/** What a hold is on. */
export type HoldTarget =
  | { recording: RecordingId }
  | { call: CallId }
  /** Of a caller, as the PBX gives it: also what is recorded of it later is kept. */
  | { number: string }
  /** Whatever began to be recorded from `from` on and before `to`. */
  | { from: Date; to: Date }

/**
 * Tells apart what stands on a command line: the id of a recording, the id of a call, or a caller's number.
 *
 * @throws AppError `not-found` for an id that is neither a recording's nor a call's
 */
export async function parseHoldTarget(db: Db, text: string): Promise<HoldTarget> {
  if (!isUuid(text)) return { number: text }
  const { rows } = await sql<{ recording: boolean; call: boolean }>`select
    exists (select from recording where id = ${text}::uuid) as recording,
    exists (select from call where id = ${text}::uuid) as call`.execute(db)
  if (rows[0]?.recording) return { recording: text as RecordingId }
  if (rows[0]?.call) return { call: text as CallId }
  throw new AppError('not-found', `There is neither a recording nor a call ${text}.`)
}
