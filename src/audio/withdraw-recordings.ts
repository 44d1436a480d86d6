import { codeOf } from '../core/errors.js'
import type { CallId, RecordingId } from '../core/ids.js'
import type { Withdrawal } from '../core/ports.js'
import type { Db } from '../db/database.js'
import { destroyRecordings } from '../recordings/destroy/destroy.js'
import type { RecorderDeps } from './recorder-deps.js'
import type { TapSession } from './tap-session.js'

/** Reason in the act of destruction. */
const ACT_REASON = 'consent withdrawn by the caller with a key during the call'
const ACT_BY = 'consentry'

/**
 * Ends a call's recordings because consent was withdrawn. Before the first `await`, recording stops and the keys of all
 * parts that this process knows are being destroyed. The rest needs the database: containers, parts of earlier services
 * whose tap is gone, events, and the act. If the database is unavailable, the next purge does the rest. With `keep`,
 * recording stops and nothing is destroyed. Never rejects.
 */
export async function withdrawRecordings(
  deps: RecorderDeps,
  taps: readonly TapSession[],
  call: CallId,
  { purposes, at, keep }: Withdrawal,
): Promise<void> {
  const sessions = taps.filter(({ recordings }) => recordings.some(one => purposes.includes(one.purpose)))
  if (keep) {
    for (const session of sessions) session.endAt(at)
    return
  }
  await Promise.all(sessions.map(session => session.withdraw(purposes)))
  try {
    const ids = await endedRecordings(deps.db, call, purposes)
    if (ids.length > 0)
      await destroyRecordings(deps, { cause: 'withdrawal', reason: ACT_REASON, by: ACT_BY }, [ids])
  } catch (error) {
    deps.log.warn(
      { call, code: codeOf(error) },
      'a withdrawal could not be completed; its keys are being destroyed, and the next purge does the rest',
    )
  }
}

/** @returns the call's ended recordings for these purposes that still have audio */
async function endedRecordings(db: Db, call: CallId, purposes: readonly string[]): Promise<RecordingId[]> {
  const rows = await db
    .selectFrom('recording')
    .where('call_id', '=', call)
    .where('purpose', 'in', purposes)
    .where('state', 'not in', ['recording', 'empty', 'failed', 'destroyed'])
    .select('id')
    .execute()
  return rows.map(({ id }) => id)
}
