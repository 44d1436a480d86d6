import { type Db, sql } from '../db/database.js'
import type { ActorWay } from '../shared/actor.js'
import type { EventData } from '../shared/events.js'
import type { LinePolicy } from '../shared/policy.js'

/** Lists the lines in force, by number, as they are stored. */
export const listLines = (db: Db): Promise<LinePolicy[]> => selectLines(db)

/** Finds the lines in force among these numbers, as they are stored. */
export const findLines = (db: Db, numbers: readonly string[]): Promise<LinePolicy[]> =>
  numbers.length === 0 ? Promise.resolve([]) : selectLines(db, numbers)

/** Every version of every line, as it is stored, by number, the newest first. */
export async function allLineVersions(db: Db): Promise<Pick<StoredVersion, 'policy' | 'inForce'>[]> {
  const rows = await db
    .selectFrom('line')
    .select(['number', 'version', 'policy', 'active'])
    .orderBy('number')
    .orderBy('version', 'desc')
    .execute()
  return rows.map(({ number, version, policy, active }) => ({
    policy: { number, version, ...(policy as object) } as LinePolicy,
    inForce: active,
  }))
}

async function selectLines(db: Db, numbers?: readonly string[]): Promise<LinePolicy[]> {
  const rows = await db
    .selectFrom('line')
    .select(['number', 'version', 'policy'])
    .where('active', '=', true)
    .$if(numbers !== undefined, query => query.where('number', 'in', numbers!))
    .orderBy('number')
    .execute()
  return rows.map(({ number, version, policy }) => ({ number, version, ...(policy as object) }) as LinePolicy)
}

/** The last version of each of these lines, in force or not. A number that never was a line is left out. */
export async function lastVersions(db: Db, numbers: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ number: string; last: number }>`
    select number, max(version) as last from line where number = any(${numbers}::text[]) group by number`.execute(
    db,
  )
  return new Map(rows.map(({ number, last }) => [number, last]))
}

/** One version of a line, as it is stored. */
export interface StoredVersion {
  policy: LinePolicy
  inForce: boolean
  /** When the version was made. */
  at: Date
  /** Who made it, and by which way; undefined if it is older than the journal of changes. */
  by: { by: string; way: ActorWay } | undefined
}

/** All versions of a line, the newest first. Empty if the number never was a line. */
export async function lineVersions(db: Db, wanted: string): Promise<StoredVersion[]> {
  const rows = await db
    .selectFrom('line')
    .leftJoin('event', 'event.uuid', 'line.event')
    .select(['number', 'version', 'policy', 'active', 'created_at', 'event.data'])
    .where('number', '=', wanted)
    .orderBy('version', 'desc')
    .execute()
  return rows.map(({ number, version, policy, active, created_at, data }) => ({
    policy: { number, version, ...(policy as object) } as LinePolicy,
    inForce: active,
    at: created_at,
    by: data ? (data as EventData['line.changed']) : undefined,
  }))
}
