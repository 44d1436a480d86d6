import { type Db, sql } from '../db/database.js'
import type { JournalledProgress } from '../playback/verify-recording.js'
import type { EventData } from '../shared/events.js'
import type { CallId, RecordingId } from '../shared/ids.js'
import type { PartInfo } from '../vault/crypto/types.js'

/** What the journal itself, not the tables kept in step with it, says of one recording. */
export interface JournalledRecording {
  id: RecordingId
  /** A yes to this purpose in this call stands before it. */
  consented: boolean
  /** What was journalled when it was prepared; undefined if that event is missing. */
  prepared: EventData['recording.prepared'] | undefined
  /** The journal has its `recording.finished`. */
  ended: boolean
  /** Its destruction is journalled. */
  destroyed: boolean
  parts: JournalledPart[]
  /** How many events were read for it. */
  events: number
}

export interface JournalledPart {
  info: Omit<PartInfo, 'codec' | 'line'>
  object: string
  /** Length and hash at its start, while it ran, and when a successor took it up. */
  progress: JournalledProgress[]
  ended?: JournalledProgress & { complete: boolean }
}

/** The events of one recording, in the order of the journal. */
interface RecordingEvents {
  id: RecordingId
  call: CallId
  events: { type: string; data: Record<string, unknown> }[]
  /** The answer it rests on, if the journal has it before the recording and no other answer replaces it. */
  basis: EventData['consent.answered'] | null
}

/** Which recordings are wanted: one, or those of some calls; all if neither is given. */
export interface RecordingSelection {
  recording?: RecordingId | undefined
  calls?: readonly CallId[]
}

const EVENT_TYPES = [
  'recording.prepared',
  'recording.part-started',
  'recording.progress',
  'recording.part-ended',
  'recording.finished',
  'recording.destroyed',
] as const

function selectEvents(db: Db, { recording, calls }: RecordingSelection) {
  const only = recording
    ? sql`and data ->> 'recording' = ${recording}`
    : calls
      ? sql`and call_id = any(${calls}::uuid[])`
      : sql``
  return sql<RecordingEvents>`
    with told as (
      select id, call_id, type, data, data ->> 'recording' as recording from event
      where type = any(${EVENT_TYPES}::text[]) ${only}
    )
    select told.recording as id, (array_agg(told.call_id))[1] as call,
      json_agg(json_build_object('type', told.type, 'data', told.data) order by told.id) as events,
      json_agg(yes.data) filter (where yes.id is not null) -> 0 as basis
    from told
      left join event yes on told.type = 'recording.prepared' and yes.uuid = (told.data ->> 'basis')::uuid
        and yes.type = 'consent.answered' and yes.call_id = told.call_id and yes.id < told.id
        and not exists (select from event instead where instead.call_id = yes.call_id
          and instead.type = 'consent.answered' and instead.data ->> 'replaces' = yes.uuid::text)
    group by told.recording order by min(told.id)`.execute(db)
}

/** Reads recordings out of the journal, oldest first; those that never came to hold anything have no parts. */
export async function readRecordings(
  db: Db,
  selection: RecordingSelection = {},
): Promise<JournalledRecording[]> {
  return (await selectEvents(db, selection)).rows.map(toRecording)
}

function toRecording({ id, call, events, basis }: RecordingEvents): JournalledRecording {
  const of = <T extends keyof EventData>(type: T) =>
    events.filter(event => event.type === type).map(event => event.data as unknown as EventData[T])
  const prepared = of('recording.prepared')[0]
  const positive = basis?.answer === 'granted' || basis?.answer === 'notice'
  const consented = prepared !== undefined && positive && basis.purpose === prepared.purpose
  const parts = of('recording.part-started').map((started): JournalledPart => {
    const ended = of('recording.part-ended').find(({ part }) => part === started.part)
    const { part, number, object, recording, chunks = 0, bytes = 0, hash } = started
    const later = of('recording.progress').filter(progress => progress.part === part)
    const progress = hash === undefined ? later : [{ chunks, bytes, hash }, ...later]
    const rest = prepared
      ? { purpose: prepared.purpose, basis: prepared.basis }
      : { purpose: '', basis: '' as never }
    return { info: { recording, part, number, call, ...rest }, object, progress, ...(ended ? { ended } : {}) }
  })
  const ended = of('recording.finished').length > 0
  const destroyed = of('recording.destroyed').length > 0
  return { id, consented, prepared, ended, destroyed, parts, events: events.length + (basis ? 1 : 0) }
}
