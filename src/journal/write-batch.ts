import type { Connection } from '../db/connection.js'
import { IN_FAILED_TRANSACTION, isRefusal, sqlState } from '../db/failure.js'
import { LOCKS } from '../db/locks.js'
import type { EventType } from '../shared/events.js'
import { PROJECTION } from './project.js'

/** The lock comes before the first id is drawn: who holds it alone sees every id up to the highest. */
const BEGIN = `begin; select pg_advisory_xact_lock_shared(${LOCKS.journal})`

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
  select id, type from inserted`

interface Inserted {
  id: number
  type: EventType
}

/**
 * Enters events in one transaction, in the order given, and applies to the tables about calls those that were not in the journal
 * yet. Two round trips: what does not depend on an answer is sent without waiting for one.
 *
 * @param rows from `encodeEvent`
 * @returns how many were new
 * @throws the database's error; if it is a refusal, the connection is ready for the next batch, otherwise it is of no more use
 */
export async function writeBatch(connection: Connection, rows: readonly string[]): Promise<number> {
  try {
    const [, inserted] = await inOrder([
      connection.query(BEGIN),
      connection.query<Inserted>(INSERT, [`[${rows.join(',')}]`], 'journal insert'),
    ])
    const outcomes = await inOrder([
      ...apply(connection, inserted!.rows as Inserted[]),
      connection.query('commit'),
    ])
    if (outcomes.at(-1)!.command !== 'COMMIT') throw new Error('The transaction was not committed')
    return inserted!.rows.length
  } catch (error) {
    if (isRefusal(error)) await connection.query('rollback')
    throw error
  }
}

function apply(connection: Connection, inserted: readonly Inserted[]) {
  const ids = new Map<EventType, number[]>()
  for (const { id, type } of inserted) ids.set(type, [...(ids.get(type) ?? []), id])
  return PROJECTION.filter(({ type }) => ids.has(type)).map(({ type, sql }) =>
    connection.query(sql, [ids.get(type)], `project ${type}`),
  )
}

/** Waits for all; of several failures the first is the cause, those after it only say that the transaction had failed. */
async function inOrder<T>(statements: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(statements)
  const failures = outcomes.filter(outcome => outcome.status === 'rejected').map(outcome => outcome.reason)
  if (failures.length > 0)
    throw failures.find(failure => sqlState(failure) !== IN_FAILED_TRANSACTION) ?? failures[0]
  return outcomes.map(outcome => (outcome as PromiseFulfilledResult<T>).value)
}
