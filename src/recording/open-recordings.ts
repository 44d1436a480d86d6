import type { Db } from '../db/database.js'
import type { Leg } from '../shared/audio.js'
import type { EventData } from '../shared/events.js'
import type { CallId, EventId, PartId, RecordingId, ServiceId } from '../shared/ids.js'

/** A recording of which the journal has no end. */
export interface OpenRecording {
  recording: RecordingId
  call: CallId
  line: string
  purpose: string
  basis: EventId
  /** YYYY-MM-DD. */
  due: string
  tap: string
  /** When the PBX was started under which it was prepared; undefined if that is not known. */
  pbx: string | undefined
  /** Its owner, see `Owner`; undefined if an older version prepared it. */
  node: string | undefined
  keeper: string | undefined
  service: ServiceId | undefined
  /** The yes was taken back: nothing more may be recorded. */
  withdrawn: boolean
  /** Its pauses so far, in order. */
  pauses: Pause[]
  /** In order. */
  parts: OpenPart[]
}

/** A part of an open recording. */
export interface OpenPart {
  id: PartId
  number: number
  object: string
  /** How much of the container the journal has a hash of, bytes. */
  bytes: number
  /** The container has its totals. */
  hasTotals: boolean
}

/** A pause that a service before us was told of. */
export interface Pause {
  /** ms since the epoch. */
  from: number
  /** Undefined if it lasts. */
  end?: { at: number; samples: Record<Leg, number> }
}

/** Every recording that was running when the journal was last written. */
export async function findOpenRecordings(db: Db): Promise<OpenRecording[]> {
  const rows = await db
    .selectFrom('recording')
    .innerJoin('call', 'call.id', 'recording.call_id')
    .innerJoin('answer', join =>
      join
        .onRef('answer.call_id', '=', 'recording.call_id')
        .onRef('answer.purpose', '=', 'recording.purpose'),
    )
    .where('recording.state', '=', 'recording')
    .select([
      'recording.id',
      'recording.call_id',
      'recording.purpose',
      'recording.basis',
      'recording.due',
      'recording.tap',
      'call.line',
      'answer.withdrawn_at',
    ])
    .execute()
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const parts = await db
    .selectFrom('part')
    .where('recording_id', 'in', ids)
    .select(['id', 'recording_id', 'number', 'object', 'bytes', 'ended_at'])
    .orderBy('number')
    .execute()
  const told = await readJournalledFacts(db, [...new Set(rows.map(({ call_id }) => call_id))])
  return rows.map(row => ({
    recording: row.id,
    call: row.call_id,
    line: row.line ?? '',
    purpose: row.purpose,
    basis: row.basis,
    due: row.due,
    tap: row.tap,
    withdrawn: row.withdrawn_at !== null,
    pbx: told.prepared.get(row.id)?.pbx,
    node: told.prepared.get(row.id)?.node,
    keeper: told.prepared.get(row.id)?.keeper,
    service: told.prepared.get(row.id)?.service,
    pauses: told.pauses.get(row.id) ?? [],
    parts: parts
      .filter(part => part.recording_id === row.id)
      .map(({ id, number, object, bytes, ended_at }) => ({
        id,
        number,
        object,
        bytes: Number(bytes),
        hasTotals: ended_at !== null,
      })),
  }))
}

/** What the journal says of the recordings of these calls. */
interface JournalledFacts {
  prepared: Map<RecordingId, EventData['recording.prepared']>
  pauses: Map<RecordingId, Pause[]>
}

async function readJournalledFacts(db: Db, calls: readonly CallId[]): Promise<JournalledFacts> {
  const events = await db
    .selectFrom('event')
    .where('call_id', 'in', calls)
    .where('type', 'in', ['recording.prepared', 'recording.paused', 'recording.resumed'])
    .select(['type', 'at', 'data'])
    .orderBy('id')
    .execute()
  const prepared: JournalledFacts['prepared'] = new Map()
  const pauses: JournalledFacts['pauses'] = new Map()
  for (const { type, at, data } of events) {
    if (type === 'recording.prepared') {
      const start = data as EventData['recording.prepared']
      prepared.set(start.recording, start)
      continue
    }
    const { recording, caller, agent } = data as EventData['recording.resumed']
    const own = pauses.get(recording) ?? []
    pauses.set(recording, own)
    const last = own.at(-1)
    if (type === 'recording.paused') own.push({ from: at.getTime() })
    else if (last) last.end = { at: at.getTime(), samples: { caller, agent } }
  }
  return { prepared, pauses }
}

/** Whether a recording rests on this tap, in whatever state: without one, the dialplan never gets it. */
export async function isTapJournalled(db: Db, call: CallId, tap: string): Promise<boolean> {
  const row = await db
    .selectFrom('recording')
    .where('call_id', '=', call)
    .where('tap', '=', tap)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}
