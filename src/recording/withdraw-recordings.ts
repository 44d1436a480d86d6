import type { Db } from '../db/database.js'
import { destroyRecordings } from '../destruction/destroy.js'
import { codeOf } from '../shared/errors.js'
import type { CallId, RecordingId } from '../shared/ids.js'
import type { Withdrawal } from '../shared/ports.js'
import type { RecorderDeps } from './recorder-deps.js'
import type { TapSession } from './tap-session.js'

/** How the act of destruction words it. */
const ACT_REASON = 'consent withdrawn by the caller with a key during the call'
const ACT_BY = 'consentry'

/**
 * Ends a call's recordings because the yes was taken back. Before the first `await` recording has stopped and the keys of
 * all parts that this process knows of are being destroyed; the database is needed only for what follows: containers,
 * parts of services before us whose tap is gone, events and act. Where it is away, the next purge does that.
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
    deps.log.warn({ call, code: codeOf(error) }, 'the rest of a withdrawal is left to the next purge')
  }
}

/** What is kept of a call for these purposes and is being recorded no more. */
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
