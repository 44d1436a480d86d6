import { type Leg, SAMPLE_RATE } from '../../core/audio.js'
import type { EventData } from '../../core/events.js'
import type { CallId, RecordingId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import { groupBy } from '../../lib/group-by.js'

/** A pause in a recording. Positions are in seconds from its start, estimated from the clock. */
export interface PauseSpan {
  by: string
  from: number
  /** Null if the recording ended during the pause. */
  to: number | null
}

/** A span in which a recording has only the other side. Positions are as in a `PauseSpan`. */
export type MutedSpan = Omit<PauseSpan, 'by'> & { leg: Leg }

const TYPES = ['recording.paused', 'recording.resumed', 'recording.muted', 'recording.unmuted'] as const
type SpanEvent = { [T in (typeof TYPES)[number]]: { type: T; data: EventData[T] } }[(typeof TYPES)[number]]

/** The pauses of one recording, and the spans in which one side is left out, in order. */
export async function pausesOf(
  db: Db,
  recording: RecordingId,
): Promise<{ pauses: PauseSpan[]; muted: MutedSpan[] }> {
  const events = await db
    .selectFrom('event')
    .innerJoin('recording', 'recording.call_id', 'event.call_id')
    .where('recording.id', '=', recording)
    .where('event.type', 'in', TYPES)
    .select(['event.type', 'event.data'])
    .orderBy('event.id')
    .execute()
  const own = (events as unknown as SpanEvent[]).filter(({ data }) => data.recording === recording)
  return spansIn(own)
}

/** @param events of one recording, in the order of the journal */
export function spansIn(events: readonly SpanEvent[]): { pauses: PauseSpan[]; muted: MutedSpan[] } {
  const pauses: PauseSpan[] = []
  const muted: MutedSpan[] = []
  for (const { type, data } of events) {
    const seconds = Math.max(data.caller, data.agent) / SAMPLE_RATE
    if (type === 'recording.paused') pauses.push({ by: data.by, from: seconds, to: null })
    else if (type === 'recording.muted') muted.push({ leg: data.leg, from: seconds, to: null })
    else Object.assign((type === 'recording.resumed' ? pauses : muted).at(-1) ?? {}, { to: seconds })
  }
  return { pauses, muted }
}

/**
 * For how many seconds each recording of these calls has only the caller's side, as a function of the recording's length in s. Recordings
 * that have both sides throughout are left out.
 */
export async function ownSideSeconds(
  db: Db,
  calls: readonly CallId[],
): Promise<Map<RecordingId, (seconds: number) => { ownSideSeconds: number }>> {
  if (calls.length === 0) return new Map()
  const events = await db
    .selectFrom('event')
    .where('call_id', 'in', calls)
    .where('type', 'in', ['recording.muted', 'recording.unmuted'])
    .select(['type', 'data'])
    .orderBy('id')
    .execute()
  const ofEach = groupBy(events as unknown as SpanEvent[], ({ data }) => data.recording)
  return new Map(
    [...ofEach].map(([recording, own]) => {
      const { muted } = spansIn(own)
      const until = (seconds: number) =>
        muted.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to ?? seconds, seconds) - from), 0)
      return [recording, seconds => ({ ownSideSeconds: until(seconds) })]
    }),
  )
}
