import { type Db, sql } from '../db/database.js'
import type { CallId, HoldId, RecordingId } from '../shared/ids.js'

/** A call of which something cannot be erased. */
export interface RemainingCall {
  call: CallId
  /**
   * `held`: a hold or block keeps it. `running`: it is still recorded. `left`: its destruction is not finished yet. `missing`: of a
   * recording nothing was found that could be destroyed.
   */
  why: 'held' | 'running' | 'left' | 'missing'
  /** Why it is held, as whoever placed it said. */
  holds: { hold: HoldId; reason: string }[]
  /** What is still there of it. */
  recordings: RecordingId[]
}

/** Which of a caller's calls must stay at this moment, and why: those that a hold names, and those of which audio is left. */
export async function listRemainingCalls(
  db: Db,
  number: string,
  calls: readonly CallId[],
): Promise<RemainingCall[]> {
  const { rows } = await sql<RemainingCall>`
    with held as (
      select c.id as call, h.id as hold, h.reason
      from hold h join call c on h.number = ${number} or h.call_id = c.id
        or (c.started_at >= h.from_at and c.started_at < h.to_at)
        or h.recording in (select r.id from recording r where r.call_id = c.id)
      where c.id = any(${calls}::uuid[]) and h.released_at is null and (h.expires_at is null or h.expires_at > now())
      union
      select r.call_id, h.id, h.reason
      from kept_among(array(select id from recording where call_id = any(${calls}::uuid[])), now()) k
        join recording r on r.id = k.recording join hold h on h.id = k.hold
    ), left_over as (
      select call_id as call, bool_or(state = 'recording') as running, array_agg(id order by id) as recordings
      from recording where call_id = any(${calls}::uuid[]) and state not in ('empty', 'failed', 'destroyed')
      group by call_id
    ), reasons as (
      select call, jsonb_agg(jsonb_build_object('hold', hold, 'reason', reason)) as holds from held group by call
    )
    select call, case when holds is not null then 'held' when running then 'running' else 'left' end as why,
      coalesce(holds, '[]') as holds, coalesce(recordings, '{}') as recordings
    from reasons full join left_over using (call) order by call`.execute(db)
  return rows
}
