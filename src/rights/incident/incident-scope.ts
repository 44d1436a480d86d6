import { AppError } from '../../core/errors.js'
import { isUuid } from '../../core/ids.js'
import { type Db, type RawBuilder, sql } from '../../db/database.js'

/** The recordings that an incident concerns. */
export type IncidentScope =
  | { recordings: readonly string[] }
  | { calls: readonly string[] }
  /** Numbers of callers, as the PBX gives them. */
  | { numbers: readonly string[] }
  /** Recordings that began at `from` or later, and before `to`, for one purpose or all. */
  | { from: Date; to: Date; purpose?: string | undefined }

/**
 * Makes the SQL condition on `recording r` that selects the recordings of an incident.
 *
 * @throws AppError `not-found` for a recording or call that does not exist, so that a typing error cannot omit a person
 */
export async function scopeCondition(db: Db, concerned: IncidentScope): Promise<RawBuilder<unknown>> {
  if ('recordings' in concerned) {
    await requireExisting(db, 'recording', concerned.recordings)
    return sql`r.id = any(${concerned.recordings}::uuid[])`
  }
  if ('calls' in concerned) {
    await requireExisting(db, 'call', concerned.calls)
    return sql`r.call_id = any(${concerned.calls}::uuid[])`
  }
  if ('numbers' in concerned)
    return sql`r.call_id in (
      select c.id from event_personal p join call c on coalesce(c.caller_event, c.started_event) = p.event
      where p.data ? 'caller' and p.data ->> 'caller' = any(${concerned.numbers}::text[]))`
  const { from, to, purpose } = concerned
  const period = sql`r.prepared_at >= ${from} and r.prepared_at < ${to}`
  return purpose === undefined ? period : sql`${period} and r.purpose = ${purpose}`
}

async function requireExisting(db: Db, table: 'recording' | 'call', ids: readonly string[]): Promise<void> {
  const valid = ids.filter(isUuid)
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(table)} where id = any(${valid}::uuid[])`.execute(db)
  const found = new Set(rows.map(({ id }) => id))
  const missing = ids.find(id => !found.has(id))
  if (missing !== undefined)
    throw new AppError(
      'not-found',
      `No ${table} has the id ${isUuid(missing) ? missing : 'that was given'}. See consentry calls.`,
    )
}
