import { DAY_MS } from '../../core/clock.js'
import { event } from '../../core/events.js'
import type { CallId, RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { takeTurn } from '../../db/locks.js'
import { begunHearing, stillHearing } from '../../journal/read/heard-in.js'
import { holdsInForce, requireHeldNumbers } from '../../journal/read/holds-in-force.js'
import { appendIn } from '../../journal/write/append-in.js'
import type { DestroyDeps } from '../destroy/destroy.js'
import { ERASABLE, erasePersonalParts } from './erase-personal-rows.js'

/** Calls in one transaction, which has one event. A new hold waits for at most one transaction. */
const BATCH_SIZE = 5_000

/** Which personal data is past its retention. */
interface ExpiryTerm {
  /** Retention is counted up to this moment, ms since the epoch. */
  at: number
  /** Personal data of a call is kept for this number of days from the beginning of the call. */
  personalDays: number
}

/** A call whose personal data is past its retention. */
interface PastTerm {
  id: CallId
  /** Beginning of the call to the microsecond, in PostgreSQL's text form. The next batch starts after it. */
  startedAt: string
  /** A recording, a hold, a block or an open request keeps the personal data. */
  kept: boolean
}

/**
 * Erases personal data of calls that is past its retention: numbers and the keys pressed, each with its salt. The events stay,
 * so that statistics do not change and the journal can be verified. A call keeps its personal data while one of these is true:
 *
 * - A recording of the call exists.
 * - The caller may be heard in a recording of another call that exists.
 * - A hold or block is on the call, its caller, its time or one of its recordings.
 * - A request of its caller is open.
 *
 * If a run is killed, the next run does the rest.
 *
 * @param by who runs it, for the journal
 * @param stopping ends the run early when aborted
 * @returns how many calls lost personal data
 * @throws AppError `journal.refused`, `journal.*` if the number of a hold differs from the journal's; the errors of the database
 */
export async function expirePersonalData(
  { db, clock }: Pick<DestroyDeps, 'db' | 'clock'>,
  { at, personalDays, by, stopping }: ExpiryTerm & { by: string; stopping?: AbortSignal | undefined },
): Promise<number> {
  const before = at - personalDays * DAY_MS
  let calls = 0
  let last: PastTerm | undefined
  while (!stopping?.aborted) {
    const until: PastTerm | undefined = await db.transaction().execute(async trx => {
      // The lock is a statement of its own, so that the next statement sees every hold that was placed before.
      await takeTurn(trx, 'holds', 'share')
      await requireHeldNumbers(trx, new Date(at))
      const batch = await selectPastTerm(trx, at, before, last)
      const ids = batch.filter(({ kept }) => !kept).map(({ id }) => id)
      const erased = await erasePersonalParts(trx, ids)
      await sql`update call set forgotten_at = ${new Date(clock.now())}
        where id = any(${ids}::uuid[])`.execute(trx)
      // Event and deletion are committed together.
      if (erased.rows > 0) {
        const data = { by, before: new Date(before).toISOString(), ...erased }
        await appendIn(trx, [event('personal.expired', null, clock.now(), data)])
      }
      calls += erased.calls
      return batch.at(-1)
    })
    if (!until) break
    last = until
  }
  return calls
}

/**
 * Counts the calls whose personal data `expirePersonalData` would erase.
 *
 * @param toBeDestroyed recordings that the purge destroys first, so that they do not keep personal data
 */
export async function countExpiring(
  db: Db,
  { at, personalDays }: ExpiryTerm,
  toBeDestroyed: readonly RecordingId[],
): Promise<number> {
  const before = at - personalDays * DAY_MS
  let calls = 0
  let batch = await selectPastTerm(db, at, before, undefined, toBeDestroyed)
  for (; batch.length > 0; batch = await selectPastTerm(db, at, before, batch.at(-1), toBeDestroyed)) {
    const ids = batch.filter(({ kept }) => !kept).map(({ id }) => id)
    const { rows } = await sql<{ calls: number }>`
      select count(distinct e.call_id) as calls from event e join event_personal p on p.event = e.uuid
      where e.call_id = any(${ids}::uuid[]) and ${ERASABLE}`.execute(db)
    calls += rows[0]!.calls
  }
  return calls
}

/**
 * Selects the next batch of calls that still have personal data, in the order of their beginning.
 *
 * @param at holds in force at this moment count, ms since the epoch
 * @param before the calls began before this moment, ms since the epoch
 * @param after the last call of the previous batch
 */
async function selectPastTerm(
  db: Db,
  at: number,
  before: number,
  after: PastTerm | undefined,
  toBeDestroyed: readonly RecordingId[] = [],
): Promise<PastTerm[]> {
  const { rows } = await sql<PastTerm>`
    with in_force as materialized (${holdsInForce(new Date(at))}), going as materialized (
      select unnest(${toBeDestroyed}::uuid[]) as id
    ), past as materialized (
      select id, started_at, coalesce(caller_event, started_event) as caller_event from call
      where forgotten_at is null and started_at < ${new Date(before)}
        and (started_at, id) > (${after?.startedAt ?? '-infinity'}::timestamptz, ${after?.id ?? LOWEST_CALL_ID}::uuid)
      order by started_at, id limit ${BATCH_SIZE}
    )
    select c.id, c.started_at::text as "startedAt",
      exists (select from recording r where r.call_id = c.id and r.state not in ('empty', 'failed', 'destroyed')
        and r.id not in (select id from going))
      or exists (select from event e join recording r on ${stillHearing} where ${begunHearing}
        and r.id not in (select id from going))
      or exists (select from in_force h where h.call_id = c.id or h.number = p.data ->> 'caller'
        or c.started_at >= h.from_at and c.started_at < h.to_at)
      or exists (select from recording r join in_force h on h.recording = r.id where r.call_id = c.id)
      or exists (select from rights_request q where q.number = p.data ->> 'caller' and q.closed_at is null) as kept
    from past c left join event_personal p on p.event = c.caller_event
    order by c.started_at, c.id`.execute(db)
  return rows
}

/** Sorts before the id of every call. */
const LOWEST_CALL_ID = '00000000-0000-0000-0000-000000000000'
