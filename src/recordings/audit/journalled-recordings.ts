import type { EventData } from '../../core/events.js'
import type { CallId, RecordingId } from '../../core/ids.js'
import type { PartLocation } from '../../core/part-location.js'
import { KEPT_ANSWER_PURPOSE } from '../../core/policy.js'
import { type Db, sql } from '../../db/database.js'
import type { PartInfo } from '../../vault/crypto/types.js'
import type { JournalledProgress } from '../open/verify-recording.js'

/** One recording as the events of the journal describe it. The tables derived from the journal are not used. */
export interface JournalledRecording {
  id: RecordingId
  /** The journal has a consent to this purpose in this call before the recording, or the answer that the recording keeps. */
  consented: boolean
  /** The event that prepared the recording. Undefined if the event is missing. */
  prepared: EventData['recording.prepared'] | undefined
  /** The journal has the event `recording.finished`. */
  ended: boolean
  /** The journal has the event `recording.destroyed`. */
  destroyed: boolean
  parts: JournalledPart[]
  /** Number of events that were read for the recording. */
  events: number
}

/** One part of a recording as the journal describes it. */
export interface JournalledPart {
  info: Omit<PartInfo, 'codec' | 'line'>
  object: string
  location: PartLocation
  /** Lengths and hashes of the container: at its start, while the recording was in progress, and after a recovery. */
  progress: JournalledProgress[]
  ended?: JournalledProgress & { complete: boolean }
}

/** The events of one recording, in the order of the journal. */
interface RecordingEvents {
  id: RecordingId
  call: CallId
  events: { type: string; data: Record<string, unknown> }[]
  /** The consent of the recording, if the journal has it before the recording and no later answer replaces it. */
  basis: EventData['consent.answered'] | null
}

/** Which recordings to read: one recording, or the recordings of some calls. Without both, all recordings. */
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
    with recording_event as (
      select id, call_id, type, data, data ->> 'recording' as recording from event
      where type = any(${EVENT_TYPES}::text[]) ${only}
    )
    select recording_event.recording as id, (array_agg(recording_event.call_id))[1] as call,
      json_agg(json_build_object('type', recording_event.type, 'data', recording_event.data) order by recording_event.id) as events,
      json_agg(consent.data) filter (where consent.id is not null) -> 0 as basis
    from recording_event
      left join event consent on recording_event.type = 'recording.prepared' and consent.uuid = (recording_event.data ->> 'basis')::uuid
        and consent.type = 'consent.answered' and consent.call_id = recording_event.call_id and consent.id < recording_event.id
        and not exists (select from event later where later.call_id = consent.call_id
          and later.type = 'consent.answered' and later.data ->> 'replaces' = consent.uuid::text)
    group by recording_event.recording order by min(recording_event.id)`.execute(db)
}

/** Reads recordings from the journal, oldest first. A recording without audio has no parts. */
export async function readRecordings(
  db: Db,
  selection: RecordingSelection = {},
): Promise<JournalledRecording[]> {
  return (await selectEvents(db, selection)).rows.map(toRecording)
}

/** Whether an answer is the one on which a recording rests: to its purpose, or with the words that it keeps. */
const isAllowed = (
  { purpose, keeps }: EventData['recording.prepared'],
  basis: EventData['consent.answered'],
) =>
  keeps === undefined
    ? basis.purpose === purpose
    : basis.purpose === keeps && purpose === KEPT_ANSWER_PURPOSE && basis.keepAnswer !== undefined

function toRecording({ id, call, events, basis }: RecordingEvents): JournalledRecording {
  const of = <T extends keyof EventData>(type: T) =>
    events.filter(event => event.type === type).map(event => event.data as unknown as EventData[T])
  const prepared = of('recording.prepared')[0]
  const positive = basis?.answer === 'granted' || basis?.answer === 'notice'
  const consented = prepared !== undefined && positive && isAllowed(prepared, basis)
  const parts = of('recording.part-started').map((started): JournalledPart => {
    const ended = of('recording.part-ended').find(({ part }) => part === started.part)
    const { part, number, object, location, recording, chunks, bytes, hash } = started
    const later = of('recording.progress').filter(progress => progress.part === part)
    const progress = [{ chunks, bytes, hash }, ...later]
    const rest = prepared
      ? { purpose: prepared.purpose, basis: prepared.basis }
      : { purpose: '', basis: '' as never }
    const info = { recording, part, number, call, ...rest }
    return { info, object, location, progress, ...(ended ? { ended } : {}) }
  })
  const ended = of('recording.finished').length > 0
  const destroyed = of('recording.destroyed').length > 0
  return { id, consented, prepared, ended, destroyed, parts, events: events.length + (basis ? 1 : 0) }
}
