import { randomUUID } from 'node:crypto'
import { sql } from '../../db/database.js'
import { AppError } from '../../shared/errors.js'
import { event } from '../../shared/events.js'
import { JOURNAL_TIMEOUT_MS, type RightsDeps } from '../rights-deps.js'
import { type IncidentScope, scopeCondition } from './incident-scope.js'

/** An incident that was opened. */
export interface OpenedIncident {
  incident: string
  number: number
  recordings: number
  persons: number
}

/**
 * Opens the record of an incident. The record lists the recordings and people that the incident concerns now. Later destruction
 * and erasure do not change that list.
 *
 * @param request.noticedAt when the operator learned of the incident; the deadlines count from then
 * @throws AppError `not-found` where it would concern nobody, or names what does not exist; `journal.*`
 */
export async function openIncident(
  { db, journal, clock }: RightsDeps,
  request: { what: string; noticedAt: Date; by: string; concerned: IncidentScope },
): Promise<OpenedIncident> {
  const { what, noticedAt, by, concerned } = request
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
        opened_at: new Date(clock.now()),
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
        'No recording matches, so the incident would concern nobody. Check the numbers and times.',
      )
    const data = { incident: id, number, what, noticedAt: noticedAt.toISOString(), recordings, by }
    await journal.append([event('incident.opened', null, clock.now(), data)], JOURNAL_TIMEOUT_MS)
    return { incident: id, number, recordings, persons }
  })
}

/** The person of an item. Each call without a known number counts as another person. */
export const PERSON_KEY = sql`case when person = '' then call_id::text else person end`

/**
 * Closes an incident. Its deadlines stop.
 *
 * @throws AppError `not-found`, `journal.*`
 */
export async function closeIncident(
  { db, journal, clock }: RightsDeps,
  incident: string,
  by: string,
): Promise<void> {
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
    await journal.append([event('incident.closed', null, at, { incident, by })], JOURNAL_TIMEOUT_MS)
  })
}
