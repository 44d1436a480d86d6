import type { CallId, HoldId, RecordingId } from '../core/ids.js'
import { type Db, sql } from '../db/database.js'
import { heardIn } from '../journal/read/heard-in.js'
import { holdsInForce, keptAmong } from '../journal/read/holds-in-force.js'
import { groupBy } from '../lib/group-by.js'

/** A call that cannot be erased now. */
export interface RemainingCall {
  call: CallId
  /**
   * `held`: a hold or block keeps the call. `running`: the call is still being recorded. `left`: its recordings are not destroyed
   * yet. `missing`: no store has one of its recordings. `heard`: the person is heard in recordings of others.
   */
  why: 'held' | 'running' | 'left' | 'missing' | 'heard'
  /** The holds and blocks that keep the call, with their reasons. */
  holds: { hold: HoldId; reason: string }[]
  /** The recordings of the call that are not destroyed. */
  recordings: RecordingId[]
  /** The recordings of other callers in which the caller of the call is heard, and which are not destroyed. */
  heardIn: RecordingId[]
}

/**
 * Lists the calls that cannot be erased at this moment: a hold or block keeps them, they have recordings that are not
 * destroyed, or their caller is heard in recordings of others that are not destroyed.
 *
 * @param number the caller's number; holds on it keep the calls
 */
export async function listRemainingCalls(
  db: Db,
  number: string,
  calls: readonly CallId[],
): Promise<RemainingCall[]> {
  const now = new Date()
  const { rows } = await sql<Omit<RemainingCall, 'heardIn'>>`
    with in_force as materialized (${holdsInForce(now)}), kept_by as (
      select c.id as call, h.id as hold
      from in_force h join call c on h.number = ${number} or h.call_id = c.id
        or (c.started_at >= h.from_at and c.started_at < h.to_at)
        or h.recording in (select r.id from recording r where r.call_id = c.id)
      where c.id = any(${calls}::uuid[])
      union
      select r.call_id, k.hold
      from (${keptAmong(sql`array(select id from recording where call_id = any(${calls}::uuid[]))`, now)}) k
        join recording r on r.id = k.recording
    ), held as (
      select kept_by.*, coalesce(hold.reason, '') as reason from kept_by left join hold on hold.id = kept_by.hold
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
  const elsewhere = groupBy(await heardIn(db, calls), ({ heard }) => heard)
  const kept = (call: CallId): RecordingId[] =>
    (elsewhere.get(call) ?? []).flatMap(({ recording, state }) => (state === 'destroyed' ? [] : recording))
  const own = new Set(rows.map(({ call }) => call))
  const others = calls.filter(call => !own.has(call) && kept(call).length > 0)
  return [
    ...rows.map(row => ({ ...row, heardIn: kept(row.call) })),
    ...others.map(call => ({ call, why: 'heard' as const, holds: [], recordings: [], heardIn: kept(call) })),
  ]
}
