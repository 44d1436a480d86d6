import { type Db, type RawBuilder, sql } from '../../db/database.js'
import { AppError } from '../../shared/errors.js'
import { isUuid } from '../../shared/ids.js'

/** Which recordings an incident is about. */
export type IncidentScope =
  | { recordings: readonly string[] }
  | { calls: readonly string[] }
  /** Of callers, as the PBX gives them. */
  | { numbers: readonly string[] }
  /** Recorded from `from` on and before `to`, for one purpose or all. */
  | { from: Date; to: Date; purpose?: string | undefined }

/**
 * The condition on `recording r` that picks them.
 *
 * @throws AppError `not-found` for a recording or a call that does not exist: a list of people must not miss one for a slip
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
    throw new AppError('not-found', `There is no ${table} ${isUuid(missing) ? missing : 'with such an id'}.`)
}
