/*
 * Retention decides how long recordings and personal data are kept, and the purge destroys them afterwards. Holds and blocks keep
 * recordings longer. The purge runs only when the current day is certain. The folder `acts` shows acts of destruction as documents.
 */

import type { Clock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { type EventData, event } from '../../core/events.js'
import { type CallId, type HoldId, isUuid, newHoldId, type RecordingId } from '../../core/ids.js'
import type { EventSink } from '../../core/ports.js'
import { type Db, sql } from '../../db/database.js'
import { takeTurn } from '../../db/locks.js'
import type { HoldKind } from '../../journal/read/holds.js'
import { keptRecordings } from '../../journal/read/holds-in-force.js'

/** How long the journal may take to confirm an event, ms. It is short because a person waits at a terminal. */
export const JOURNAL_TIMEOUT_MS = 10_000

/** What holds and the rights of data subjects work with. */
export interface HoldDeps {
  db: Db
  journal: EventSink
  clock: Clock
}

/** A hold or block to place. */
export interface HoldRequest {
  on: HoldTarget
  kind: HoldKind
  reason: string
  by: string
  /** The hold ends at this moment. Null: the hold keeps recordings until it is released. */
  expiresAt: Date | null
}

/** A hold that was placed, with the number of recordings on which it is placed. */
export interface PlacedHold {
  hold: HoldId
  /** Recordings that the hold keeps now. */
  kept: number
  /** Recordings that the hold cannot keep, because they are destroyed or assigned to an act. */
  gone: number
}

/**
 * Runs `work` in a transaction that has the turn of holds. Until its end no recording is assigned to an act, and no
 * other hold is placed or released.
 */
export const inTurnOfHolds = <T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> =>
  db.transaction().execute(async trx => {
    await takeTurn(trx, 'holds')
    return work(trx)
  })

/**
 * Places a hold or a block. Destruction assigns recordings to an act under the same lock. No purge and no erasure can
 * therefore destroy a recording that is counted as kept.
 *
 * @throws AppError `journal.*`; the hold is then not placed. After `journal.timeout` it may be placed: the list of
 *   holds then has it.
 */
export const placeHold = (deps: HoldDeps, request: HoldRequest): Promise<PlacedHold> =>
  inTurnOfHolds(deps.db, trx => placeHoldIn({ ...deps, db: trx }, request))

/** As {@link placeHold}. @param deps.db a transaction that has the turn of holds */
export async function placeHoldIn(
  { db, journal, clock }: HoldDeps,
  request: HoldRequest,
): Promise<PlacedHold> {
  const { on, kind, reason, by, expiresAt } = request
  const hold = newHoldId()
  // The row follows from the event, in its transaction. If the outcome is unknown, both exist or neither.
  const data = { hold, kind, on: eventTarget(on), reason, by, expiresAt: expiresAt?.toISOString() ?? null }
  const personal = 'number' in on ? { number: on.number } : undefined
  await journal.append([event('hold.placed', null, clock.now(), data, personal)], JOURNAL_TIMEOUT_MS)
  return { hold, ...(await countRecordings(db, hold)) }
}

/** Which hold or block ends, why, and by whom. */
interface Release {
  kind: HoldKind
  reason: string
  by: string
}

/**
 * Releases a hold or block. The retention of its recordings applies again.
 *
 * @throws AppError `not-found` if no hold or block of this kind with this id is in force; `journal.*`
 */
export const releaseHold = (deps: HoldDeps, id: string, release: Release): Promise<void> =>
  inTurnOfHolds(deps.db, trx => releaseHoldIn({ ...deps, db: trx }, id, release))

/** As {@link releaseHold}. @param deps.db a transaction that has the turn of holds */
export async function releaseHoldIn(
  { db, journal, clock }: HoldDeps,
  id: string,
  { kind, reason, by }: Release,
): Promise<void> {
  // Of two releases at once, the second one finds the hold released.
  const inForce = isUuid(id)
    ? await db
        .selectFrom('hold')
        .where('id', '=', id as HoldId)
        .where('kind', '=', kind)
        .where('released_at', 'is', null)
        .select('id')
        .executeTakeFirst()
    : undefined
  if (!inForce)
    throw new AppError('not-found', `No ${kind} with the id ${id} is in force. See consentry hold list.`)
  await journal.append(
    [event('hold.released', null, clock.now(), { hold: inForce.id, by, reason })],
    JOURNAL_TIMEOUT_MS,
  )
}

function eventTarget(on: HoldTarget): EventData['hold.placed']['on'] {
  if ('number' in on) return 'number'
  if ('from' in on) return { from: on.from.toISOString(), to: on.to.toISOString() }
  return on
}

async function countRecordings(db: Db, hold: HoldId): Promise<{ kept: number; gone: number }> {
  const { rows } = await sql<{ kept: number; gone: number }>`
    select count(*) filter (where state not in ('destroying', 'destroyed'))::int as kept,
      count(*) filter (where state in ('destroying', 'destroyed'))::int as gone
    from (${keptRecordings(new Date())}) k join recording r on r.id = k.recording
    where k.hold = ${hold} and r.state not in ('empty', 'failed')`.execute(db)
  return rows[0]!
}

/** The recordings on which a hold is placed. */
export type HoldTarget =
  | { recording: RecordingId }
  | { call: CallId }
  /** A caller's number as the PBX gives it. The hold also keeps later recordings of this caller. */
  | { number: string }
  /** Recordings that began at `from` or later, and before `to`. */
  | { from: Date; to: Date }

/**
 * Reads the target of a hold from the command line.
 *
 * @param text the id of a recording, the id of a call, or a caller's number
 * @throws AppError `not-found` if no recording and no call has this id
 */
export async function parseHoldTarget(db: Db, text: string): Promise<HoldTarget> {
  if (!isUuid(text)) return { number: text }
  const { rows } = await sql<{ recording: boolean; call: boolean }>`select
    exists (select from recording where id = ${text}::uuid) as recording,
    exists (select from call where id = ${text}::uuid) as call`.execute(db)
  if (rows[0]?.recording) return { recording: text as RecordingId }
  if (rows[0]?.call) return { call: text as CallId }
  throw new AppError('not-found', `No recording and no call has the id ${text}. See consentry calls.`)
}

/** A hold or block as lists show it. Times are ISO 8601, UTC. */
export interface HoldSummary {
  id: HoldId
  kind: HoldKind
  on: { recording: RecordingId } | { call: CallId } | { number: string } | { from: string; to: string }
  reason: string
  by: string
  placedAt: string
  /** Null: the hold does not expire. */
  expiresAt: string | null
  releasedAt: string | null
  /** The hold is neither released nor expired. */
  inForce: boolean
}

/**
 * Lists holds and blocks, latest first.
 *
 * @param options.all also list released and expired ones
 * @returns each with `keeps`, the number of recordings that it keeps
 */
export async function listHolds(db: Db, { all = false } = {}): Promise<(HoldSummary & { keeps: number })[]> {
  const { rows } = await sql<Row & { keeps: number }>`
    select h.*, ${IN_FORCE} as in_force, coalesce(k.keeps, 0)::int as keeps
    from hold h left join (
      select hold, count(*) as keeps from (${keptRecordings(new Date())}) k join recording r on r.id = recording
      where r.state not in ('empty', 'failed', 'destroying', 'destroyed') group by hold) k on k.hold = h.id
    where ${all} or ${IN_FORCE}
    order by h.placed_at desc, h.id`.execute(db)
  return rows.map(row => ({ ...summaryOf(row), keeps: row.keeps }))
}

/** Lists the holds and blocks in force that have one of these ids or are placed on this number, latest first. */
export async function listHoldsOn(
  db: Db,
  number: string,
  ids: readonly HoldId[] = [],
): Promise<HoldSummary[]> {
  const { rows } = await sql<Row>`
    select h.*, true as in_force from hold h
    where (h.id = any(${ids}::uuid[]) or h.number = ${number}) and ${IN_FORCE}
    order by h.placed_at desc, h.id`.execute(db)
  return rows.map(summaryOf)
}

const IN_FORCE = sql`(h.released_at is null and (h.expires_at is null or h.expires_at > now()))`

interface Row {
  id: HoldId
  kind: HoldKind
  recording: RecordingId | null
  call_id: CallId | null
  number: string | null
  from_at: Date | null
  to_at: Date | null
  reason: string
  placed_by: string
  placed_at: Date
  expires_at: Date | null
  released_at: Date | null
  in_force: boolean
}

const summaryOf = (row: Row): HoldSummary => ({
  id: row.id,
  kind: row.kind,
  on: targetOf(row),
  reason: row.reason,
  by: row.placed_by,
  placedAt: row.placed_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  releasedAt: row.released_at?.toISOString() ?? null,
  inForce: row.in_force,
})

/** A constraint of the table ensures that exactly one target is set. */
function targetOf({ recording, call_id, number, from_at, to_at }: Row): HoldSummary['on'] {
  if (recording) return { recording }
  if (call_id) return { call: call_id }
  if (number !== null) return { number }
  return { from: from_at!.toISOString(), to: to_at!.toISOString() }
}
