import type { LinePolicy } from '../core/policy.js'
import { type Db, sql } from '../db/database.js'
import { groupVersions } from './group-rows.js'
import { type FieldSource, sourcesOf } from './inherit.js'
import { fieldsOf } from './line-differences.js'
import { findOrigins } from './line-rows.js'
import { unknownLine } from './unknown-line.js'
import { lineSchema } from './validate.js'

/** One field of a line, and the origin of its value. */
export interface ExplainedField {
  /** Path of the field, such as `purposes.service.retentionDays`. */
  field: string
  value: unknown
  source: FieldSource
}

/** The rules for callers of a number. */
export interface ExplainedNumber {
  number: string
  /** `exact`: a line has this number. `none`: no line has it, so its callers are neither asked nor recorded. */
  match: 'exact' | 'none'
  /** The version in force; null without a line. */
  version: number | null
  /** The group from which the line inherits, in the version that it took over. */
  group: { name: string; version: number } | null
  /** The line, or the behaviour for unknown numbers, whose calls are passed through. */
  policy: LinePolicy
  /** Each field with its origin. Empty without a line. */
  fields: ExplainedField[]
}

/** Explains what applies to callers of any number, and why. */
export async function explainNumber({ db }: { db: Db }, number: string): Promise<ExplainedNumber> {
  const [origin] = await findOrigins(db, { number })
  if (!origin)
    return { number, match: 'none', version: null, group: null, policy: unknownLine(number), fields: [] }
  const { policy, stated, group } = origin
  const shared =
    group && (await groupVersions(db, group.name)).find(({ version }) => version === group.version)
  const sources = sourcesOf(policy, stated, shared?.fields)
  const fields = [...fieldsOf(policy)].map(([field, value]) => ({
    field,
    value,
    source: sources.get(field)!,
  }))
  return { number, match: 'exact', version: policy.version, group: group ?? null, policy, fields }
}

/** Most calls of unknown numbers that are counted: the latest, so that a list takes some 20 ms however many there were. */
const MAX_COUNTED = 1_000

/** A dialled number that is not a line. */
export interface UnknownNumber {
  number: string
  /** How many of the counted calls dialled it. */
  calls: number
  /** When the last of them began, ISO 8601, UTC. */
  lastAt: string
}

/** Dialled numbers that are not lines, and the start of the counted period. */
export interface UnknownNumbers {
  numbers: UnknownNumber[]
  /** When the first of the counted calls began, ISO 8601, UTC. Null if there was none. */
  since: string | null
}

/**
 * Lists the dialled numbers that are not lines, the last first. It counts the latest 1,000 calls to such numbers. It
 * leaves out calls whose personal data is erased, numbers that are lines by now, and numbers that no line can have.
 */
export async function listUnknownNumbers({ db }: { db: Db }): Promise<UnknownNumbers> {
  const { rows } = await sql<{ number: string; calls: number; last: Date; since: Date }>`
    with counted as (
      select started_event, started_at from call where line is null order by started_at desc limit ${MAX_COUNTED}
    )
    select p.data ->> 'dialled' as number, count(*)::int as calls, max(started_at) as last,
      (select min(started_at) from counted) as since
    from counted
      -- Offset 0 keeps the planner from reading all personal data in place of one row for each call.
      cross join lateral (select data from event_personal where event = counted.started_event offset 0) p
    where p.data ? 'dialled'
      and not exists (select from line where line.number = p.data ->> 'dialled' and line.active)
    group by 1 order by last desc`.execute(db)
  const possible = rows.filter(({ number }) => lineSchema.shape.number.safeParse(number).success)
  return {
    numbers: possible.map(({ number, calls, last }) => ({ number, calls, lastAt: last.toISOString() })),
    since: rows[0]?.since.toISOString() ?? null,
  }
}
