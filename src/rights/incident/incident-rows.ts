import { AppError } from '../../core/errors.js'
import { isUuid } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'

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
