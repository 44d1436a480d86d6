import { requireRight } from '../accounts/deeds.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { type ActId, isUuid, type RecordingId } from '../core/ids.js'
import { sql } from '../db/database.js'
import { holdKinds } from '../journal/read/holds.js'
import { type DestroyDeps, destroyRecordings } from '../recordings/destroy/destroy.js'
import { type ErasureDayDeps, requireDayForErasure } from '../recordings/retain/day-check.js'

/** The outcome of a request to destroy a recording. */
export interface DestroyedRecording {
  recording: RecordingId
  /** The act of its destruction. Null if it was not destroyed. */
  act: ActId | null
  /**
   * Why it was not destroyed; absent if it was. `running`: it is still being recorded, and is destroyed after its end.
   * `left`: the next purge completes the destruction. `missing`: no store has it.
   */
  why?: 'running' | 'left' | 'missing'
}

/**
 * Destroys one recording at the request of a person who is heard in it, under an act of its own with the cause
 * `erasure`.
 *
 * @throws AppError `not-found` if there is no such recording, or nothing of it is stored; `rights.held` if a hold or
 *   block keeps it; `clock.doubtful`, see `requireDayForErasure`; `db.unavailable`, `journal.*`; the next purge then
 *   destroys it
 */
export async function destroyRecording(
  deps: DestroyDeps & ErasureDayDeps,
  actor: Actor,
  { recording, reason }: { recording: string; reason: string },
): Promise<DestroyedRecording> {
  requireRight(actor, 'recording.destroy')
  const { name: by } = actor
  const { db } = deps
  const id = recording as RecordingId
  const { rows } = isUuid(recording)
    ? await sql<{ state: string }>`select state from recording where id = ${id}`.execute(db)
    : { rows: [] }
  const state = rows[0]?.state
  if (state === undefined || ['empty', 'failed', 'destroyed'].includes(state))
    throw new AppError('not-found', `Nothing is stored of a recording ${recording}.`)
  await requireDayForErasure(deps, by)
  if ((await holdKinds(db, [id])).has(id)) throw held(id)
  // Make it due first. If this process is killed, the next purge destroys it.
  await sql`update recording set revoked_at = coalesce(revoked_at, now()) where id = ${id}`.execute(db)
  const done = await destroyRecordings(deps, { cause: 'erasure', reason, by }, [[id]])
  if (done.destroyed === 1) return { recording: id, act: done.act }
  if (done.held.length > 0) throw held(id)
  const left = state === 'recording' ? 'running' : 'left'
  return { recording: id, act: null, why: done.missing.length > 0 ? 'missing' : left }
}

const held = (id: RecordingId): AppError =>
  new AppError('rights.held', `A hold or block keeps the recording ${id}. See consentry hold list.`)
