import { AppError } from '../../core/errors.js'
import { isUuid } from '../../core/ids.js'
import { type Db, type RawBuilder, sql } from '../../db/database.js'

/** The record of an incident. */
export interface Incident {
  id: string
  number: number
  what: string
  noticedAt: Date
  by: string
  openedAt: Date
  closedAt: Date | null
  closedBy: string | null
  recordings: number
  calls: number
  persons: number
}

/** One recording that an incident concerns. */
export interface IncidentItem {
  /** Number of the caller when the incident was opened. Empty if the number was not known. */
  person: string
  call: string
  recording: string
  purpose: string
  recordedAt: Date
  /** The present state of the recording. */
  state: string
}

/** The person of an item. Each call without a known number counts as another person. */
export const PERSON_KEY = sql`case when person = '' then call_id::text else person end`

const selectIncidents = (db: Db) =>
  db
    .selectFrom('incident')
    .select([
      'incident.id',
      'incident.number',
      'incident.what',
      'incident.noticed_at as noticedAt',
      'incident.opened_by as by',
      'incident.opened_at as openedAt',
      'incident.closed_at as closedAt',
      'incident.closed_by as closedBy',
      sql<number>`(select count(*) from incident_item where incident = incident.id)`.as('recordings'),
      sql<number>`(select count(distinct call_id) from incident_item where incident = incident.id)`.as(
        'calls',
      ),
      sql<number>`(select count(distinct ${PERSON_KEY}) from incident_item where incident = incident.id)`.as(
        'persons',
      ),
    ])

/** Lists all incidents, latest first. */
export const listIncidents = (db: Db): Promise<Incident[]> =>
  selectIncidents(db).orderBy('incident.number', 'desc').execute()

/**
 * Finds one incident.
 *
 * @param name the number or the id of the incident
 * @throws AppError `not-found`
 */
export async function findIncident(db: Db, name: string): Promise<Incident> {
  const incidents = selectIncidents(db)
  const incident = isUuid(name)
    ? await incidents.where('incident.id', '=', name).executeTakeFirst()
    : /^[1-9]\d{0,17}$/.test(name)
      ? await incidents.where('incident.number', '=', sql<number>`${name}::bigint`).executeTakeFirst()
      : undefined
  if (!incident)
    throw new AppError('not-found', 'No incident has this number or id. See consentry incident list.')
  return incident
}

/** Lists the recordings that an incident concerns, by person and time. */
export async function listIncidentItems(db: Db, incident: string): Promise<IncidentItem[]> {
  const { rows } = await sql<IncidentItem>`
    select i.person, i.call_id as call, i.recording, r.purpose, r.prepared_at as "recordedAt", r.state
    from incident_item i join recording r on r.id = i.recording
    where i.incident = ${incident}
    order by i.person, r.prepared_at, r.id`.execute(db)
  return rows
}

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

const COLUMNS = ['person', 'call', 'recording', 'purpose', 'recordedAt', 'state'] as const

/** Text that a spreadsheet would run as a formula. An international telephone number does not match. */
const FORMULA = /^(?:[=@\t\r]|[+-](?!\d*$))/

/**
 * Makes the list of an incident as CSV (RFC 4180), in pieces. Formulas get an apostrophe in front, because a caller can
 * choose the text of the number.
 */
export async function* incidentCsv(items: readonly IncidentItem[]): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`
  for (const item of items) yield `${COLUMNS.map(column => csvField(item[column])).join(',')}\r\n`
}

function csvField(value: string | Date): string {
  const text = value instanceof Date ? value.toISOString() : value
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A deadline for a notice to the authority. */
export interface NoticeDeadline {
  name: 'initial' | 'result'
  /** Hours after the incident was noticed. */
  hours: 24 | 72
  law: string
  dueAt: Date
  /** Time left, ms; negative after the deadline. For a closed incident: the time that was left when it was closed. */
  remainingMs: number
}

const HOUR_MS = 3_600_000

const TERMS = [
  { name: 'initial', hours: 24, law: '152-FZ, Article 21(3.1)(1)' },
  { name: 'result', hours: 72, law: '152-FZ, Article 21(3.1)(2); GDPR, Article 33(1)' },
] as const

/**
 * Computes both deadlines of an incident. The hours count on weekends and holidays too. Regulation 1182/71, Article 3(1), does
 * not count the hour in which the incident was noticed. This function counts it, so that the deadline is early rather than late.
 *
 * @param noticedAt when the operator learned of the incident
 * @param until the current time, or the time when the incident was closed
 */
export const noticeDeadlines = (noticedAt: Date, until: Date): NoticeDeadline[] =>
  TERMS.map(term => {
    const dueAt = new Date(noticedAt.getTime() + term.hours * HOUR_MS)
    return { ...term, dueAt, remainingMs: dueAt.getTime() - until.getTime() }
  })
