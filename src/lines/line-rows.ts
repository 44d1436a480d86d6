import type { EventData } from '../core/events.js'
import type { LinePolicy } from '../core/policy.js'
import { withTyped } from '../core/typed-text.js'
import { type Db, sql } from '../db/database.js'

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

/** One version of a line as it is stored. @returns undefined if the line never had it */
export async function findVersion(db: Db, number: string, version: number): Promise<LinePolicy | undefined> {
  const row = await db
    .selectFrom('line')
    .select('policy')
    .where('number', '=', number)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && ({ number, version, ...(row.policy as object) } as LinePolicy)
}

/** A line in force with the origins of its fields. */
export interface LineOrigin {
  policy: LinePolicy
  /** Paths of the fields that the line states itself. */
  stated: string[]
  /** The group from which it inherits. */
  group: { name: string; version: number } | undefined
}

/** Finds the lines in force with the origins of their fields: that of a number, or those of a group. */
export async function findOrigins(db: Db, of: { number: string } | { group: string }): Promise<LineOrigin[]> {
  const [column, value] =
    'number' in of ? (['number', of.number] as const) : (['group_name', of.group] as const)
  const rows = await db
    .selectFrom('line')
    .select(['number', 'version', 'policy', 'stated', 'group_name', 'group_version'])
    .where('active', '=', true)
    .where(column, '=', value)
    .orderBy('number')
    .execute()
  return rows.map(({ number, version, policy, stated, group_name: name, group_version }) => ({
    policy: { number, version, ...(policy as object) } as LinePolicy,
    stated,
    group: name === null ? undefined : { name, version: group_version! },
  }))
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
  /** Who made it, and by which way. */
  by: Pick<EventData['line.changed'], 'by' | 'way' | 'draft'>
}

/** All versions of a line, the newest first. Empty if the number never was a line. */
export async function lineVersions(db: Db, wanted: string): Promise<StoredVersion[]> {
  const rows = await db
    .selectFrom('line')
    .innerJoin('event', 'event.uuid', 'line.event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['number', 'version', 'policy', 'active', 'created_at', 'event.data'])
    .select('event_personal.data as personal')
    .where('number', '=', wanted)
    .orderBy('version', 'desc')
    .execute()
  return rows.map(({ number, version, policy, active, created_at, data, personal }) => ({
    policy: { number, version, ...(policy as object) } as LinePolicy,
    inForce: active,
    at: created_at,
    by: withTyped('line.changed', { by: '', ...data }, personal),
  }))
}
