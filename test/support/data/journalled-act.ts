import { type CallEvent, type DestructionCause, event } from '../../../src/core/events.js'
import { type ActId, newActId } from '../../../src/core/ids.js'
import type { EventSink } from '../../../src/core/ports.js'
import type { Database } from '../../../src/db/database.js'
import { recordedCall, STARTED } from './call-events.js'

/** Time limit of appends, ms. */
const APPEND_LIMIT_MS = 60_000

export interface JournalledAct {
  id: ActId
  number: number
  calls: ReturnType<typeof recordedCall>[]
  closed: CallEvent
}

/**
 * Journals calls and their destruction in one act, as a purge does. There are no files.
 *
 * @param options `callers`: one call for each number
 */
export async function journalAct(
  db: Database,
  journal: EventSink,
  options: { number: number; callers: string[]; cause?: DestructionCause; reason?: string; by?: string },
): Promise<JournalledAct> {
  const { number, cause = 'term', reason = 'Retention term is over', by = 'consentry' } = options
  const id = newActId()
  const openedAt = STARTED + 31 * 86_400_000
  const calls = options.callers.map(caller => withCaller(caller))
  await journal.append(
    calls.flatMap(({ events }) => events),
    APPEND_LIMIT_MS,
  )
  await db
    .insertInto('act')
    .values({ id, number, cause, reason, by, opened_at: new Date(openedAt) })
    .execute()
  const destroyed = calls.map(({ call, recording, parts }, i) => {
    const data = { recording, purpose: 'service', act: id, cause, parts: [...parts] }
    return event('recording.destroyed', call, openedAt + 1_000 + i, data)
  })
  await journal.append(destroyed, APPEND_LIMIT_MS)
  const closed = event('act.closed', null, openedAt + 5_000, {
    act: id,
    number,
    cause,
    reason,
    by,
    openedAt: new Date(openedAt).toISOString(),
    recordings: calls.length,
    keepUntil: '2029-03-03',
  })
  await journal.append([closed], APPEND_LIMIT_MS)
  return { id, number, calls, closed }
}

function withCaller(caller: string) {
  const call = recordedCall()
  const [start] = call.events
  if (start?.personal) start.personal.caller = caller
  return call
}
