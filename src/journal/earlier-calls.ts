import type { Db } from '../db/database.js'
import type { Answer } from '../shared/events.js'
import type { CallId, ChannelId } from '../shared/ids.js'

/** A call that an earlier process answered and whose end is not in the journal. */
export interface UnfinishedCall {
  id: CallId
  channel: ChannelId
  line: string | null
  settled: { purpose: string; answer: Answer; withdrawn: boolean }[]
  /** A decision on these answers is in the journal. */
  decided: boolean
  /** It was given back to the dialplan. */
  released: boolean
}

/** The calls without an end, newest first; what an earlier process of this service left open. */
export async function unfinishedCalls(db: Db): Promise<UnfinishedCall[]> {
  const calls = await db
    .selectFrom('call')
    .select(['id', 'channel', 'line', 'decided_at', 'released_at'])
    .where('ended_at', 'is', null)
    .orderBy('started_at', 'desc')
    .execute()
  if (calls.length === 0) return []
  const answers = await db
    .selectFrom('answer')
    .select(['call_id', 'purpose', 'answer', 'withdrawn_at'])
    .where(
      'call_id',
      'in',
      calls.map(call => call.id),
    )
    .execute()
  return calls.map(({ id, channel, line, decided_at, released_at }) => ({
    id,
    line,
    channel: channel as ChannelId,
    settled: answers
      .filter(answer => answer.call_id === id)
      .map(({ purpose, answer, withdrawn_at }) => ({ purpose, answer, withdrawn: withdrawn_at !== null })),
    decided: decided_at !== null,
    released: released_at !== null,
  }))
}
