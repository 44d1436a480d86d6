import { type Db, sql } from '../db/database.js'
import type { RecordingState } from '../db/tables.js'
import type { CallId, PartId, RecordingId } from '../shared/ids.js'

/** A recording that is kept, as the tables have it. */
export interface KeptRecording {
  id: RecordingId
  call: CallId
  purpose: string
  /** YYYY-MM-DD. */
  due: string
  state: RecordingState
  preparedAt: Date
  revokedAt: Date | null
  /** Days for which the caller agreed. */
  retentionDays: number
  /** A hold or a block keeps it. */
  held: boolean
}

/** Rows read at a time. */
const BATCH_SIZE = 500

/**
 * Every recording that is neither destroyed nor ever came to hold anything, in batches.
 *
 * @param at moment of which holds count
 */
export async function* listKeptRecordings(db: Db, at: Date): AsyncGenerator<KeptRecording[]> {
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await sql<KeptRecording>`
      select r.id, r.call_id as call, r.purpose, r.due, r.state, r.prepared_at as "preparedAt",
        r.revoked_at as "revokedAt", a.retention_days as "retentionDays",
        exists (select from kept_recordings(${at}) k where k.recording = r.id) as held
      from (
          select * from recording where id > ${last}::uuid and state not in ('destroyed', 'empty', 'failed')
          order by id limit ${BATCH_SIZE}
        ) r join answer a on a.call_id = r.call_id and a.purpose = r.purpose
      order by r.id`.execute(db)
    if (rows.length === 0) return
    yield rows
    last = rows.at(-1)!.id
  }
}

/** How many recordings were ever made. */
export async function countRecordings(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('recording')
    .where('state', 'not in', ['empty', 'failed'])
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Recordings that count as destroyed though the journal does not say so. */
export async function listUnjournalledDestructions(db: Db): Promise<RecordingId[]> {
  const { rows } = await sql<{ id: RecordingId }>`
    select r.id from recording r where r.state = 'destroyed' and not exists (
      select from event e where e.call_id = r.call_id and e.type = 'recording.destroyed'
        and e.data ->> 'recording' = r.id::text)`.execute(db)
  return rows.map(({ id }) => id)
}

/** A part with what its recording is at the moment. */
export interface PartRow {
  part: PartId
  recording: RecordingId
  object: string
  purpose: string
  due: string
  state: RecordingState
}

/** The parts that have one of these names in the store, or one of these ids. */
export async function findParts(
  db: Db,
  by: { objects: readonly string[] } | { parts: readonly PartId[] },
): Promise<PartRow[]> {
  const query = db
    .selectFrom('part')
    .innerJoin('recording', 'recording.id', 'part.recording_id')
    .select([
      'part.id as part',
      'recording.id as recording',
      'part.object',
      'recording.purpose',
      'recording.due',
      'recording.state',
    ])
  return 'objects' in by
    ? query.where('part.object', 'in', by.objects).execute()
    : query.where('part.id', 'in', by.parts).execute()
}
