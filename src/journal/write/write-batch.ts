import { systemClock } from '../../core/clock.js'
import { type EventType, event } from '../../core/events.js'
import type { Connection } from '../../db/connection.js'
import { IN_FAILED_TRANSACTION, isRefusal, sqlState } from '../../db/failure.js'
import { encodeEvent } from './encode-event.js'
import { PROJECTION } from './projection.js'

/**
 * Inserts the events of a JSON array, `$1`, from `encodeEvent`. It stores the ids of the new ones, by type, in transaction settings, where
 * the next statements read them.
 */
export const INSERT = `
  with given as (
    select * from rows from (
      jsonb_to_recordset($1::jsonb)
        as (uuid uuid, call_id uuid, at timestamptz, type text, data jsonb, personal jsonb, salt text, personal_hash text)
    ) with ordinality as given (uuid, call_id, at, type, data, personal, salt, personal_hash, position)
  ), inserted as (
    insert into event (uuid, call_id, at, type, data, personal_hash)
    select uuid, call_id, at, type, data, decode(personal_hash, 'hex') from given order by position
    on conflict (uuid) do nothing
    returning id, uuid, type
  ), personal as (
    insert into event_personal (event, data, salt)
    select uuid, personal, decode(salt, 'hex') from inserted join given using (uuid) where personal is not null
    on conflict (event) do nothing
  )
  select count(*) as events, set_config('consentry.' || translate(type, '.-', '__'), array_agg(id)::text, true)
  from inserted group by type`

const insertedIds = (type: EventType) =>
  `nullif(current_setting('consentry.${type.replaceAll(/[.-]/g, '_')}', true), '')::bigint[]`

/** The statement after the insertion, for each event type that changes a table about calls. */
const PROJECTION_STATEMENTS = PROJECTION.map(({ type, sql }, i) => ({
  ...{ type, name: `project ${type} ${i}` },
  sql: sql.replaceAll('$1::bigint[]', insertedIds(type)),
}))

/**
 * Inserts events in one transaction, in the order given, and updates the tables about calls from those that are new to
 * the journal. All statements are sent in one round trip.
 *
 * @param rows from `encodeEvent`
 * @param types the event types among `rows`
 * @returns number of new events
 * @throws the database's error. After a refusal the connection is ready for the next batch; after any other error it is
 *   unusable.
 */
export async function writeBatch(
  connection: Connection,
  rows: readonly string[],
  types: ReadonlySet<EventType>,
): Promise<number> {
  const [, inserted, ...rest] = await runTransaction(connection, () => [
    connection.query('begin'),
    connection.query(INSERT, [`[${rows.join(',')}]`], 'journal insert'),
    ...PROJECTION_STATEMENTS.filter(({ type }) => types.has(type)).map(({ name, sql }) =>
      connection.query(sql, [], name),
    ),
    connection.query('commit'),
  ])
  if (rest.at(-1)!.command !== 'COMMIT') throw new Error('The transaction was not committed')
  return (inserted!.rows as { events: number }[]).reduce((sum, { events }) => sum + events, 0)
}

/**
 * Inserts events in a transaction that the caller begins and commits, for work that needs a lock of the caller.
 *
 * @param rows from `encodeEvent`; none of their types may change a table
 * @throws the database's error
 */
export const insertEvents = (connection: Connection, rows: readonly string[]): Promise<unknown> =>
  connection.query(INSERT, [`[${rows.join(',')}]`], 'journal insert')

/**
 * Tests whether the database answers, has our tables and lets us write them, by inserting no event.
 *
 * @throws the database's error
 */
export const probeTables = (connection: Connection): Promise<unknown> =>
  connection.query(INSERT, ['[]'], 'journal insert')

/**
 * Tests whether the database accepts an event: inserts one, checks its constraints as a commit does, and rolls back.
 *
 * @throws as `writeBatch`
 */
export async function probeInsert(connection: Connection): Promise<void> {
  const probe = event('alarm.cleared', null, systemClock.now(), { alarm: 'events-refused', stoodMs: 0 })
  await runTransaction(connection, () => [
    connection.query('begin'),
    connection.query(INSERT, [`[${encodeEvent(probe)}]`], 'journal insert'),
    connection.query('set constraints all immediate'),
    connection.query('rollback'),
  ])
}

/** Sends the statements of a transaction. Rolls back if the database refuses one. */
async function runTransaction<T>(connection: Connection, send: () => Promise<T>[]): Promise<T[]> {
  try {
    return await awaitStatements(send())
  } catch (error) {
    if (isRefusal(error)) await connection.query('rollback')
    throw error
  }
}

/** Waits for all statements. Throws the first failure that is not a consequence of the failed transaction. */
async function awaitStatements<T>(statements: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(statements)
  const failures = outcomes.filter(outcome => outcome.status === 'rejected').map(outcome => outcome.reason)
  if (failures.length > 0)
    throw failures.find(failure => sqlState(failure) !== IN_FAILED_TRANSACTION) ?? failures[0]
  return outcomes.map(outcome => (outcome as PromiseFulfilledResult<T>).value)
}
