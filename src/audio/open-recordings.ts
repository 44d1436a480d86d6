import type { Leg } from '../core/audio.js'
import type { EventData } from '../core/events.js'
import type { CallId, EventId, NodeId, PartId, RecordingId } from '../core/ids.js'
import type { PartLocation } from '../core/part-location.js'
import type { OmittedBy } from '../core/party-events.js'
import { tapName } from '../core/tap-name.js'
import type { Db } from '../db/database.js'

/** A recording whose end is not in the journal. */
export interface OpenRecording {
  recording: RecordingId
  call: CallId
  line: string
  purpose: string
  basis: EventId
  /** YYYY-MM-DD. */
  due: string
  /** Name of the tap. */
  tap: string
  /** Start time of the PBX under which it was prepared; undefined if unknown. */
  pbx: string | undefined
  /** Owner, see `Owner`. */
  service: NodeId
  /** Consent was withdrawn, so nothing more may be recorded. */
  withdrawn: boolean
  /** Pauses so far, in order. */
  pauses: Pause[]
  /** By number. */
  parts: OpenPart[]
}

/** A part of an open recording. */
export interface OpenPart {
  id: PartId
  number: number
  object: string
  location: PartLocation
  /** Bytes of the container that a journalled hash covers. */
  bytes: number
  /** The container has its totals. */
  hasTotals: boolean
}

/** A pause, or a time without one side, that an earlier service journalled. */
export interface Pause {
  /** ms since the epoch. */
  from: number
  by: OmittedBy
  /** Moment, ms since the epoch, and positions at that moment; undefined if the pause lasts. */
  end?: { at: number; samples: Record<Leg, number> }
}

/** @returns every recording whose end is not in the database */
export async function findOpenRecordings(db: Db): Promise<OpenRecording[]> {
  const rows = await db
    .selectFrom('recording')
    .innerJoin('call', 'call.id', 'recording.call_id')
    .innerJoin('answer', join =>
      join
        .onRef('answer.call_id', '=', 'recording.call_id')
        .onRef('answer.purpose', '=', 'recording.answer_purpose'),
    )
    .where('recording.state', '=', 'recording')
    .select([
      'recording.id',
      'recording.call_id',
      'recording.purpose',
      'recording.basis',
      'recording.due',
      'recording.tap',
      'recording.pbx',
      'recording.node',
      'recording.keeps',
      'call.line',
      'answer.withdrawn_at',
    ])
    .execute()
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const parts = await db
    .selectFrom('part')
    .where('recording_id', 'in', ids)
    .select(['id', 'recording_id', 'number', 'object', 'location', 'bytes', 'ended_at'])
    .orderBy('number')
    .execute()
  const pauses = await readPauses(db, [...new Set(rows.map(({ call_id }) => call_id))])
  return rows.map(row => ({
    recording: row.id,
    call: row.call_id,
    line: row.line ?? '',
    purpose: row.purpose,
    basis: row.basis,
    due: row.due,
    tap: row.tap,
    // A withdrawal leaves the proof of the consent.
    withdrawn: row.withdrawn_at !== null && row.keeps === null,
    pbx: row.pbx ?? undefined,
    service: row.node,
    pauses: pauses.get(row.id) ?? [],
    parts: parts
      .filter(part => part.recording_id === row.id)
      .map(({ id, number, object, location, bytes, ended_at }) => ({
        id,
        number,
        object,
        location,
        bytes: Number(bytes),
        hasTotals: ended_at !== null,
      })),
  }))
}

/** Reads the pauses from the journal, because no table has them. */
async function readPauses(db: Db, calls: readonly CallId[]): Promise<Map<RecordingId, Pause[]>> {
  const events = await db
    .selectFrom('event')
    .where('call_id', 'in', calls)
    .where('type', 'in', ['recording.paused', 'recording.resumed', 'recording.muted', 'recording.unmuted'])
    .select(['type', 'at', 'data'])
    .orderBy('id')
    .execute()
  const pauses = new Map<RecordingId, Pause[]>()
  for (const { type, at, data } of events) {
    const { recording, caller, agent } = data as EventData['recording.resumed' | 'recording.unmuted']
    const own = pauses.get(recording) ?? []
    pauses.set(recording, own)
    const last = own.at(-1)
    if (type === 'recording.muted') own.push({ from: at.getTime(), by: 'own-side' })
    else if (type === 'recording.paused')
      own.push({ from: at.getTime(), by: (data as EventData[typeof type]).by })
    else if (last) last.end = { at: at.getTime(), samples: { caller, agent } }
  }
  return pauses
}

/**
 * @returns whether any recording uses this tap, by its path prefix; the dialplan never gets a tap without a recording
 */
export async function isTapJournalled(db: Db, call: CallId, tap: string): Promise<boolean> {
  const row = await db
    .selectFrom('recording')
    .where('call_id', '=', call)
    .where('tap', '=', tapName(tap))
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}
