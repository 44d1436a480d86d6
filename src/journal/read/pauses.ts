import type { Db } from '../../db/database.js'
import { SAMPLE_RATE } from '../../shared/audio.js'
import type { EventData } from '../../shared/events.js'
import type { RecordingId } from '../../shared/ids.js'

/** A pause in a recording. Positions are in seconds from its start, estimated by the clock. */
export interface PauseSpan {
  by: string
  from: number
  /** Null if the recording ended during the pause. */
  to: number | null
}

/** The pauses of one recording, in order. */
export async function pausesOf(db: Db, recording: RecordingId): Promise<PauseSpan[]> {
  const events = await db
    .selectFrom('event')
    .innerJoin('recording', 'recording.call_id', 'event.call_id')
    .where('recording.id', '=', recording)
    .where('event.type', 'in', ['recording.paused', 'recording.resumed'])
    .select(['event.type', 'event.data'])
    .orderBy('event.id')
    .execute()
  const spans: PauseSpan[] = []
  for (const { type, data } of events) {
    const pause = data as unknown as EventData['recording.paused']
    if (pause.recording !== recording) continue
    const seconds = Math.max(pause.caller, pause.agent) / SAMPLE_RATE
    const last = spans.at(-1)
    if (type === 'recording.paused') spans.push({ by: pause.by, from: seconds, to: null })
    else if (last) last.to = seconds
  }
  return spans
}
