import { type Db, sql } from '../db/database.js'
import type { JournalledProgress } from '../recording/verify-recording.js'
import type { EventData } from '../shared/events.js'
import type { CallId, RecordingId } from '../shared/ids.js'
import type { PartInfo } from '../vault/crypto/types.js'

/** What the journal itself, not the tables kept in step with it, says of one recording. */
export interface JournalledRecording {
  id: RecordingId
  /** A yes to this purpose in this call stands before it. */
  consented: boolean
  parts: JournalledPart[]
  /** How many events were read for it. */
  events: number
}

export interface JournalledPart {
  info: Omit<PartInfo, 'codec' | 'line'>
  object: string
  progress: JournalledProgress[]
  ended?: JournalledProgress & { complete: boolean }
}

/** The events of one recording, in the order of the journal. */
interface Rows {
  id: RecordingId
  call: CallId
  events: { type: string; data: Record<string, unknown> }[]
  /** The event on which it rests, if it is there and stands before. */
  basis: EventData['consent.answered'] | null
}

const rowsOf = (db: Db, only: RecordingId | undefined) =>
  sql<Rows>`
    with told as (
      select id, call_id, type, data, data ->> 'recording' as recording from event
      where type in ('recording.prepared', 'recording.part-started', 'recording.progress', 'recording.part-ended')
        and (${only ?? null}::text is null or data ->> 'recording' = ${only ?? null})
    )
    select told.recording as id, (array_agg(told.call_id))[1] as call,
      json_agg(json_build_object('type', told.type, 'data', told.data) order by told.id) as events,
      json_agg(yes.data) filter (where yes.id is not null) -> 0 as basis
    from told
      left join event yes on told.type = 'recording.prepared' and yes.uuid = (told.data ->> 'basis')::uuid
        and yes.type = 'consent.answered' and yes.call_id = told.call_id and yes.id < told.id
    group by told.recording order by min(told.id)`.execute(db)

/** Reads recordings out of the journal, oldest first; those that never came to hold anything have no parts. */
export async function journalledRecordings(db: Db, only?: RecordingId): Promise<JournalledRecording[]> {
  return (await rowsOf(db, only)).rows.map(read)
}

function read({ id, call, events, basis }: Rows): JournalledRecording {
  const of = <T extends keyof EventData>(type: T) =>
    events.filter(event => event.type === type).map(event => event.data as unknown as EventData[T])
  const prepared = of('recording.prepared')[0]
  const positive = basis?.answer === 'granted' || basis?.answer === 'notice'
  const consented = prepared !== undefined && positive && basis.purpose === prepared.purpose
  const parts = of('recording.part-started').map((started): JournalledPart => {
    const ended = of('recording.part-ended').find(({ part }) => part === started.part)
    const progress = of('recording.progress').filter(({ part }) => part === started.part)
    const { part, number, object, recording } = started
    const rest = prepared
      ? { purpose: prepared.purpose, basis: prepared.basis }
      : { purpose: '', basis: '' as never }
    return { info: { recording, part, number, call, ...rest }, object, progress, ...(ended ? { ended } : {}) }
  })
  return { id, consented, parts, events: events.length + (basis ? 1 : 0) }
}
