import type { Connection } from '../../db/connection.js'
import { counted } from '../../lib/plural.js'
import type { Faults } from './faults.js'

/**
 * Reports the events that have been in the database for over a minute and are not in the log. A running log takes up an event within
 * a second. Until then a superuser can change the event unseen.
 *
 * @param connection in a snapshot of the database
 * @param from id of the first event after the log
 */
export async function reportUnlogged(connection: Connection, from: number, faults: Faults): Promise<void> {
  const { rows } = await connection.query<{ count: number; first: number; last: number }>(
    `select count(*) as count, min(id) as first, max(id) as last from event
     where id >= $1 and coalesce(entered_at, at) < now() - interval '1 minute'`,
    [from],
  )
  const { count, first, last } = rows[0]!
  if (count === 0) return
  const where = count === 1 ? `event ${first}` : `events ${first} to ${last}`
  const verb = count === 1 ? 'has' : 'have'
  const what = `${counted(count, 'event', 'events')} ${verb} been in the database for over a minute and ${verb} no leaf in the log: a change of it would not be found`
  faults.add('event-unlogged', where, what)
}
