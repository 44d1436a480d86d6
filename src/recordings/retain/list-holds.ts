import type { CallId, HoldId, RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import type { HoldKind } from '../../journal/read/holds.js'
import { keptRecordings } from '../../journal/read/holds-in-force.js'

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
