import { randomUUID } from 'node:crypto'
import { requireRight } from '../accounts/deeds.js'
import type { Deps, DepsWith } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import type { Clock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import type { WrittenLanguage } from '../core/policy.js'
import { type Db, sql } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { type DatingDeps, requireClockForDate } from '../recordings/retain/day-check.js'
import {
  findIncident as findRow,
  type Incident,
  type IncidentItem,
  type IncidentScope,
  incidentCsv,
  listIncidentItems,
  listIncidents as listRows,
  type NoticeDeadline,
  noticeDeadlines,
  PERSON_KEY,
  scopeCondition,
} from './incident/incident-rows.js'
import { noticeDocument } from './incident/notice.js'

export type { IncidentScope, NoticeDeadline } from './incident/incident-rows.js'

/** An incident that was opened. */
export interface OpenedIncident {
  incident: string
  number: number
  recordings: number
  persons: number
  /** The deadlines for the notices to the authority. */
  clocks: NoticeDeadline[]
}

/** An incident's events and rows share one transaction, so that either both exist or neither. */
type IncidentDeps = Pick<Deps, 'db' | 'clock'>

/**
 * Opens the record of an incident. The record lists the recordings and people that the incident concerns now. Later
 * destruction and erasure do not change that list.
 *
 * @param request.noticedAt when the operator learned of the incident, by default now; the deadlines count from then
 * @throws AppError `request.invalid` for a time in the future; `not-found` if the incident would concern no recording,
 *   or names an unknown recording or call; `clock.doubtful`, see `requireClockForDate`; `journal.refused`; the errors
 *   of the database
 */
export async function openIncident(
  { db, clock, day }: IncidentDeps & DatingDeps,
  actor: Actor,
  request: { what: string; noticedAt?: Date | undefined; concerned: IncidentScope },
): Promise<OpenedIncident> {
  requireRight(actor, 'incident.open')
  const { name: by } = actor
  await requireClockForDate({ day }, 'The incident was not opened.')
  const now = new Date(clock.now())
  const { what, noticedAt = now, concerned } = request
  if (noticedAt > now)
    throw new AppError('request.invalid', 'The time at which the incident was noticed lies in the future.')
  const condition = await scopeCondition(db, concerned)
  // Recordings without audio cannot get out, so they are left out. Recordings that are named by their id are always included.
  const audible = 'recordings' in concerned ? sql`true` : sql`r.state not in ('empty', 'failed')`
  return db.transaction().execute(async trx => {
    const { id, number } = await trx
      .insertInto('incident')
      .values({
        id: randomUUID(),
        what,
        noticed_at: noticedAt,
        opened_by: by,
        opened_at: now,
      })
      .returning(['id', 'number'])
      .executeTakeFirstOrThrow()
    const { rows } = await sql<{ recordings: number; persons: number }>`
      with item as (
        insert into incident_item (incident, recording, call_id, person)
        select ${id}, r.id, r.call_id, coalesce(p.data ->> 'caller', '')
        from recording r
          join call c on c.id = r.call_id
          left join event_personal p on p.event = coalesce(c.caller_event, c.started_event)
        where ${condition} and ${audible}
        returning person, call_id)
      select count(*) as recordings, count(distinct ${PERSON_KEY}) as persons from item`.execute(trx)
    const { recordings, persons } = rows[0]!
    if (recordings === 0)
      throw new AppError(
        'not-found',
        'No recording matches, so the incident concerns no person. Check the numbers and times.',
      )
    const data = { incident: id, number, what, noticedAt: noticedAt.toISOString(), recordings, by }
    await appendIn(trx, [event('incident.opened', null, now.getTime(), data)])
    return { incident: id, number, recordings, persons, clocks: noticeDeadlines(noticedAt, now) }
  })
}

/** An incident with its deadlines. */
export type IncidentWithClocks = Incident & { clocks: NoticeDeadline[] }

/** An incident with the recordings and people that it concerns. */
export type IncidentDetails = IncidentWithClocks & { items: IncidentItem[] }

/**
 * Closes an incident. Its deadlines stop.
 *
 * @param name the number or the id of the incident
 * @throws AppError `not-found` if no open incident has that name; `journal.refused`; the errors of the database
 */
export async function closeIncident(
  { db, clock }: IncidentDeps,
  actor: Actor,
  name: string,
): Promise<{ incident: string; number: number }> {
  requireRight(actor, 'incident.close')
  const { name: by } = actor
  const { id: incident, number } = await findRow(db, name)
  const at = clock.now()
  await db.transaction().execute(async trx => {
    const closed = await trx
      .updateTable('incident')
      .set({ closed_at: new Date(at), closed_by: by })
      .where('id', '=', incident)
      .where('closed_at', 'is', null)
      .returning('id')
      .executeTakeFirst()
    if (!closed) throw new AppError('not-found', 'No open incident has this id. See consentry incident list.')
    await appendIn(trx, [event('incident.closed', null, at, { incident, by })])
  })
  return { incident, number }
}

type ReadDeps = { db: Db; clock: Clock }

/** Lists all incidents, latest first. */
export async function listIncidents({ db, clock }: ReadDeps): Promise<IncidentWithClocks[]> {
  return (await listRows(db)).map(incident => withClocks(incident, clock))
}

/**
 * Finds one incident.
 *
 * @param name its number or id
 * @throws AppError `not-found`
 */
export async function showIncident({ db, clock }: ReadDeps, name: string): Promise<IncidentDetails> {
  const incident = await findRow(db, name)
  return { ...withClocks(incident, clock), items: await listIncidentItems(db, incident.id) }
}

const withClocks = (incident: Incident, clock: Clock): IncidentWithClocks => ({
  ...incident,
  clocks: noticeDeadlines(incident.noticedAt, incident.closedAt ?? new Date(clock.now())),
})

/** A document about an incident, in pieces. */
export interface IncidentDocument {
  incident: Incident
  pieces: AsyncIterable<string>
}

/**
 * Makes the notices to the authority as an HTML page.
 *
 * @param name the number or the id of the incident
 * @throws AppError `not-found`
 */
export async function incidentNotice(
  { db, config }: DepsWith<'db', 'operator'>,
  name: string,
  language: WrittenLanguage,
): Promise<IncidentDocument> {
  const incident = await findRow(db, name)
  return { incident, pieces: noticeDocument(db, incident, language, config.operator) }
}

/**
 * Makes the list of the recordings and people that an incident concerns, as CSV.
 *
 * @param name the number or the id of the incident
 * @throws AppError `not-found`
 */
export async function incidentList({ db }: { db: Db }, name: string): Promise<IncidentDocument> {
  const incident = await findRow(db, name)
  return { incident, pieces: incidentCsv(await listIncidentItems(db, incident.id)) }
}
