import type { CallId, PartId, RecordingId } from '../../core/ids.js'
import type { PartLocation } from '../../core/part-location.js'
import { type Db, sql } from '../../db/database.js'
import type { RecordingState } from '../../db/tables.js'
import { keptRecordings } from '../../journal/read/holds-in-force.js'

/** The row of a recording that is not destroyed. */
export interface KeptRecording {
  id: RecordingId
  call: CallId
  purpose: string
  /** `YYYY-MM-DD`. */
  due: string
  state: RecordingState
  preparedAt: Date
  revokedAt: Date | null
  /** The retention to which the caller agreed, or that of the kept answer, days. */
  retentionDays: number
  /** A hold or a block keeps it. */
  held: boolean
}

/** The retention of a kept answer, for which no question asks. It is in the event of the answer. */
const KEPT_ANSWER_DAYS = sql`(
  select coalesce((data -> 'keepAnswer' ->> 'retentionDays')::int, 0) from event where uuid = r.basis)`

/** Rows read at a time. */
const BATCH_SIZE = 500

/**
 * Reads every recording that has audio and is not destroyed, in batches.
 *
 * @param at holds in force at this moment count
 */
export async function* listKeptRecordings(db: Db, at: Date): AsyncGenerator<KeptRecording[]> {
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await sql<KeptRecording>`
      with kept as materialized (${keptRecordings(at)})
      select r.id, r.call_id as call, r.purpose, r.due, r.state, r.prepared_at as "preparedAt",
        r.revoked_at as "revokedAt", case when r.keeps is null then a.retention_days else ${KEPT_ANSWER_DAYS} end as "retentionDays",
        exists (select from kept where kept.recording = r.id) as held
      from (
          select * from recording where id > ${last}::uuid and state not in ('destroyed', 'empty', 'failed')
          order by id limit ${BATCH_SIZE}
        ) r join answer a on a.call_id = r.call_id and a.purpose = r.answer_purpose
      order by r.id`.execute(db)
    if (rows.length === 0) return
    yield rows
    last = rows.at(-1)!.id
  }
}

/** Counts all recordings that ever had audio. */
export async function countRecordings(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('recording')
    .where('state', 'not in', ['empty', 'failed'])
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Lists the recordings in state `destroyed` without an event of their destruction. */
export async function listUnjournalledDestructions(db: Db): Promise<RecordingId[]> {
  const { rows } = await sql<{ id: RecordingId }>`
    select r.id from recording r where r.state = 'destroyed' and not exists (
      select from event e where e.call_id = r.call_id and e.type = 'recording.destroyed'
        and e.data ->> 'recording' = r.id::text)`.execute(db)
  return rows.map(({ id }) => id)
}

/** A part, with the present state of its recording. */
export interface PartRow {
  part: PartId
  recording: RecordingId
  object: string
  purpose: string
  due: string
  state: RecordingState
}

/** Finds parts by the names of their containers in one store, or by their ids. */
export async function findParts(
  db: Db,
  by: { objects: readonly string[]; at: PartLocation } | { parts: readonly PartId[] },
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
    ? query.where('part.object', 'in', by.objects).where('part.location', '=', by.at).execute()
    : query.where('part.id', 'in', by.parts).execute()
}
