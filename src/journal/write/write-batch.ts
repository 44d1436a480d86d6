import type { Connection } from '../../db/connection.js'
import { IN_FAILED_TRANSACTION, isRefusal, sqlState } from '../../db/failure.js'
import { LOCKS } from '../../db/locks.js'
import { systemClock } from '../../shared/clock.js'
import { type EventType, event } from '../../shared/events.js'
import { encodeEvent } from './encode-event.js'
import { PROJECTION } from './projection.js'

/** The lock is taken before the first id is drawn: whoever waits for its holders to end sees every id that they drew. */
const BEGIN = `begin; select pg_advisory_xact_lock_shared(${LOCKS.journal})`

/**
 * Leaves the ids of the new events, by type, in settings of the transaction: so the statements after it need no answer from
 * it.
 */
const INSERT = `
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

/** What follows the insertion, for each type that changes a table about calls. */
const PROJECTION_STATEMENTS = PROJECTION.map(({ type, sql }) => ({
  type,
  sql: sql.replaceAll('$1::bigint[]', insertedIds(type)),
}))

/**
 * Enters events in one transaction, in the order given, and applies to the tables about calls those that were not in the
 * journal yet. One round trip: nothing waits for the answer to what was sent before it.
 *
 * @param rows from `encodeEvent`
 * @param types the types that are among them
 * @returns how many were new
 * @throws the database's error; if it is a refusal, the connection is ready for the next batch, otherwise it is of no more use
 */
export async function writeBatch(
  connection: Connection,
  rows: readonly string[],
  types: ReadonlySet<EventType>,
): Promise<number> {
  const [, inserted, ...rest] = await runTransaction(connection, () => [
    connection.query(BEGIN),
    connection.query(INSERT, [`[${rows.join(',')}]`], 'journal insert'),
    ...PROJECTION_STATEMENTS.filter(({ type }) => types.has(type)).map(({ type, sql }) =>
      connection.query(sql, [], `project ${type}`),
    ),
    connection.query('commit'),
  ])
  if (rest.at(-1)!.command !== 'COMMIT') throw new Error('The transaction was not committed')
  return (inserted!.rows as { events: number }[]).reduce((sum, { events }) => sum + events, 0)
}

/**
 * Tests whether the database takes an event: inserts one, has it checked as at a commit, and rolls it back.
 *
 * @throws as `writeBatch`
 */
export async function probeInsert(connection: Connection): Promise<void> {
  const tried = event('alarm.cleared', null, systemClock.now(), { alarm: 'events-refused', stoodMs: 0 })
  await runTransaction(connection, () => [
    connection.query(BEGIN),
    connection.query(INSERT, [`[${encodeEvent(tried)}]`], 'journal insert'),
    connection.query('set constraints all immediate'),
    connection.query('rollback'),
  ])
}

/** Sends the statements of a transaction. If one is refused, the transaction is rolled back. */
async function runTransaction<T>(connection: Connection, send: () => Promise<T>[]): Promise<T[]> {
  try {
    return await awaitStatements(send())
  } catch (error) {
    if (isRefusal(error)) await connection.query('rollback')
    throw error
  }
}

/** Waits for all; of several failures the first is the cause, those after it only say that the transaction had failed. */
async function awaitStatements<T>(statements: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(statements)
  const failures = outcomes.filter(outcome => outcome.status === 'rejected').map(outcome => outcome.reason)
  if (failures.length > 0)
    throw failures.find(failure => sqlState(failure) !== IN_FAILED_TRANSACTION) ?? failures[0]
  return outcomes.map(outcome => (outcome as PromiseFulfilledResult<T>).value)
}
