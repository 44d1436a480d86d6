import type { Db } from '../db/database.js'
import type { CallId, EventId, PartId, RecordingId } from '../shared/ids.js'

/** A recording of which the journal has no end. */
export interface OpenRow {
  recording: RecordingId
  call: CallId
  line: string
  purpose: string
  basis: EventId
  /** YYYY-MM-DD. */
  due: string
  tap: string
  /** The yes was taken back: nothing more may be recorded. */
  withdrawn: boolean
  /** Since when it is paused, ms since the epoch; undefined if it is not. */
  pausedSince: number | undefined
  /** In order. */
  parts: { id: PartId; number: number; object: string }[]
}

/** Every recording that was running when the journal was last written. */
export async function openRecordings(db: Db): Promise<OpenRow[]> {
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
    .select(['id', 'recording_id', 'number', 'object'])
    .orderBy('number')
    .execute()
  const paused = await pausedCalls(db, [...new Set(rows.map(({ call_id }) => call_id))])
  return rows.map(row => ({
    recording: row.id,
    call: row.call_id,
    line: row.line ?? '',
    purpose: row.purpose,
    basis: row.basis,
    due: row.due,
    tap: row.tap,
    withdrawn: row.withdrawn_at !== null,
    pausedSince: paused.get(row.call_id),
    parts: parts.filter(part => part.recording_id === row.id),
  }))
}

/** Which of these calls were paused and not resumed, with the time, ms since the epoch. */
async function pausedCalls(db: Db, calls: readonly CallId[]): Promise<Map<CallId, number>> {
  const events = await db
    .selectFrom('event')
    .where('call_id', 'in', calls)
    .where('type', 'in', ['recording.paused', 'recording.resumed'])
    .select(['call_id', 'type', 'at'])
    .orderBy('id')
    .execute()
  const paused = new Map<CallId, number>()
  for (const { call_id, type, at } of events) {
    if (call_id === null) continue
    if (type === 'recording.paused') paused.set(call_id, at.getTime())
    else paused.delete(call_id)
  }
  return paused
}

/** Whether a recording rests on this tap, in whatever state: without one, the dialplan never gets it. */
export async function isKnownTap(db: Db, call: CallId, tap: string): Promise<boolean> {
  const row = await db
    .selectFrom('recording')
    .where('call_id', '=', call)
    .where('tap', '=', tap)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Which of these parts the database knows. */
export async function knownParts(db: Db, parts: readonly PartId[]): Promise<Set<PartId>> {
  const rows = await db.selectFrom('part').where('id', 'in', parts).select('id').execute()
  return new Set(rows.map(({ id }) => id))
}

/** Whether the database knows a recording, in whatever state. */
export async function knownRecording(db: Db, recording: RecordingId): Promise<boolean> {
  const row = await db.selectFrom('recording').where('id', '=', recording).select('id').executeTakeFirst()
  return row !== undefined
}
