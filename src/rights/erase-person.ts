import { requireRight } from '../accounts/deeds.js'
import type { JournalledDeps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { event } from '../core/events.js'
import type { ActId, CallId, HoldId, RecordingId } from '../core/ids.js'
import { maskTyped } from '../core/typed-number.js'
import { type Db, sql } from '../db/database.js'
import { takeTurn } from '../db/locks.js'
import { heardIn } from '../journal/read/heard-in.js'
import { recordingHolds } from '../journal/read/holds.js'
import { holdsInForce } from '../journal/read/holds-in-force.js'
import { appendIn } from '../journal/write/append-in.js'
import { groupBy } from '../lib/group-by.js'
import { meantNumber } from '../recordings/calls/check-number.js'
import { type DestroyDeps, destroyRecordings } from '../recordings/destroy/destroy.js'
import { type ErasureDayDeps, requireDayForErasure } from '../recordings/retain/day-check.js'
import { erasePersonalParts } from '../recordings/retain/erase-personal-rows.js'
import { type ErasedBytes, rewritePersonalTables } from '../recordings/retain/rewrite-personal-tables.js'
import type { PersonAction } from './block-person.js'
import { eraseNumberElsewhere, eraseReplacedNumber, listCallsOf } from './personal-rows.js'
import { closeErasureRequests } from './requests.js'

/** The result of an erasure. */
export interface ErasureResult {
  /** Calls whose personal data was erased. */
  calls: number
  /** Recordings that were destroyed. */
  recordings: number
  /** The act of their destruction. Null if no recording was destroyed. */
  act: ActId | null
  /** Calls that could not be erased in this run. */
  stays: RemainingCall[]
  /** Whether the database's files still contain erased data. */
  bytes: ErasedBytes
}

/**
 * Erases one caller. It destroys the caller's recordings with an act, and erases the number, the pressed keys and the
 * spoken answers from the calls. The events stay, so that statistics do not change and the journal can be verified.
 * Some calls cannot be erased yet:
 *
 * - A call that a hold or block keeps stays complete, with its number, so that it can be found.
 * - A recording in progress is destroyed after it has ended.
 * - A recording of which no store has a container stays in the tables.
 * - A call whose caller is heard in another caller's recording stays until an operator decides about that recording.
 *
 * The erasure can be run again for these calls.
 *
 * @throws AppError `request.invalid` for an empty number; `clock.doubtful`, see `requireDayForErasure`; `journal.*`,
 *   `db.unavailable`; the erasure must then be run again
 */
export async function erasePerson(
  deps: DestroyDeps & ErasureDayDeps,
  actor: Actor,
  action: PersonAction,
): Promise<ErasureResult> {
  requireRight(actor, 'person.erase')
  const number = await meantNumber(deps.db, action.number)
  // Events written after the erasure must not contain the number.
  const [reason, by] = [maskTyped(action.reason, number), maskTyped(actor.name, number)]
  await requireDayForErasure(deps, by)
  const calls = await listCallsOf(deps.db, number)
  const toDestroy = await revokeErasable(deps.db, number, calls)
  const { act, destroyed, missing } = await destroyRecordings(deps, { cause: 'erasure', reason, by }, [
    toDestroy,
  ])
  const erased = await eraseRemovedCalls(deps, by, { number, reason }, calls, { act, recordings: destroyed })
  const stays = erased.stays.map(stay => withMissing(stay, missing))
  return { ...erased, stays, bytes: await rewritePersonalTables(deps) }
}

const withMissing = (stay: RemainingCall, missing: readonly RecordingId[]): RemainingCall =>
  stay.why === 'left' && stay.recordings.some(id => missing.includes(id)) ? { ...stay, why: 'missing' } : stay

/**
 * Makes all recordings due except those that a hold or block keeps. If this process is killed, the next purge destroys them. A
 * recording in progress is destroyed by the first purge after its end.
 *
 * @returns the recordings to destroy
 */
async function revokeErasable(db: Db, number: string, calls: readonly CallId[]): Promise<RecordingId[]> {
  const stay = await listRemainingCalls(db, number, calls)
  const held = new Set(stay.filter(({ why }) => why === 'held').map(({ call }) => call))
  const erasable = calls.filter(call => !held.has(call))
  const { rows } = await sql<{ id: RecordingId }>`
    update recording set revoked_at = coalesce(revoked_at, now())
    where call_id = any(${erasable}::uuid[]) and state not in ('empty', 'failed', 'destroyed')
    returning id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Erases the calls of which no recording remains. The lock prevents a new hold between the check and the erasure. */
function eraseRemovedCalls(
  { db, clock }: Pick<JournalledDeps, 'db' | 'clock'>,
  by: string,
  { number, reason }: PersonAction,
  calls: readonly CallId[],
  { act, recordings }: Pick<ErasureResult, 'act' | 'recordings'>,
): Promise<Omit<ErasureResult, 'bytes'>> {
  return db.transaction().execute(async trx => {
    await takeTurn(trx, 'holds', 'share')
    const stays = await listRemainingCalls(trx, number, calls)
    const stay = new Set(stays.map(({ call }) => call))
    const erased = calls.filter(call => !stay.has(call))
    const held = stays.filter(({ why }) => why === 'held').flatMap(one => one.recordings).length
    const [at, answered] = [clock.now(), { outcome: 'erased', by }]
    const facts = { by, reason, act, calls: erased.length, recordings, held }
    await erasePersonalParts(trx, erased)
    let closed: string[] = []
    if (stays.length === 0) {
      await eraseReplacedNumber(trx, number)
      closed = await closeErasureRequests(trx, number, answered)
      await eraseNumberElsewhere(trx, number)
    }
    // Events and rows are committed together. If the commit fails, the next run erases the rest.
    await appendIn(trx, [
      event('person.erased', null, at, facts),
      ...closed.map(request => event('request.closed', null, at, { request, ...answered })),
    ])
    return { calls: erased.length, recordings, act, stays }
  })
}

/** A call that cannot be erased now. */
interface RemainingCall {
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
async function listRemainingCalls(
  db: Db,
  number: string,
  calls: readonly CallId[],
): Promise<RemainingCall[]> {
  const now = new Date()
  const { rows: recordings } = await sql<{ id: RecordingId }>`
    select id from recording where call_id = any(${calls}::uuid[])`.execute(db)
  const holds = await recordingHolds(
    db,
    recordings.map(({ id }) => id),
    now,
  )
  const { rows } = await sql<Omit<RemainingCall, 'heardIn'>>`
    with in_force as materialized (${holdsInForce(now)}), kept_by as (
      select c.id as call, h.id as hold
      from in_force h join call c on h.number = ${number} or h.call_id = c.id
        or (c.started_at >= h.from_at and c.started_at < h.to_at)
      where c.id = any(${calls}::uuid[])
      union
      select r.call_id, k.hold
      from unnest(${holds.map(({ recording }) => recording)}::uuid[], ${holds.map(({ hold }) => hold)}::uuid[]) k (recording, hold)
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
