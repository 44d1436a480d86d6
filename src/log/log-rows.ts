import type { Connection } from '../db/connection.js'
import { lockKey } from '../db/locks.js'
import { awaitWriters } from '../journal/write/in-flight-writes.js'
import { type Hash, toBytes, toHash } from './tree/hash.js'
import { LEAF_COLUMNS, type LeafRow } from './tree/leaf.js'

/** Longest wait for a slow writer, ms. Then the events enter the log in a later round. */
const WRITERS_MS = 1_000

/** A row of `log_checkpoint`. */
export interface CheckpointRow {
  size: number
  /** Id of the last event that it covers. */
  lastEvent: number
  root: Hash
  note: string
}

/** Name of a log, and its first verifier key. */
export interface Registered {
  origin: string
  key: string
}

/** This database's log. Undefined if it has none. */
export async function registeredLog(connection: Connection): Promise<Registered | undefined> {
  return (await connection.query<Registered>('select origin, key from log')).rows[0]
}

const ROTATIONS = `from event where type = 'log.key-rotated'`

/** The statements of the rotations in the journal, in its order. Some may be invalid. */
export async function rotationStatements(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query<{ statement: string }>(
    `select coalesce(data ->> 'statement', '') as statement ${ROTATIONS} order by id`,
  )
  return rows.map(({ statement }) => statement)
}

/** Number of rotations in the journal. */
export async function countRotations(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ n: number }>(
    `select count(*) as n ${ROTATIONS}`,
    [],
    'log rotations',
  )
  return rows[0]!.n
}

/** Registers a log unless one is registered. */
export const registerLog = (connection: Connection, origin: string, key: string) =>
  connection.query('insert into log (origin, key) values ($1, $2) on conflict do nothing', [origin, key])

/** Checkpoints from `size` upwards, in order. */
export async function checkpointsFrom(
  connection: Connection,
  size: number,
  limit: number,
): Promise<CheckpointRow[]> {
  const { rows } = await connection.query<{ size: number; last_event: number; root: Buffer; note: string }>(
    'select size, last_event, root, note from log_checkpoint where size >= $1 order by size limit $2',
    [size, limit],
    'log checkpoints',
  )
  return rows.map(({ last_event, root, ...row }) => ({ ...row, lastEvent: last_event, root: toHash(root) }))
}

/** Size of the newest checkpoint, 0 before the first. */
export async function newestSize(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ size: number }>(
    'select coalesce(max(size), 0) as size from log_checkpoint',
  )
  return rows[0]!.size
}

export const addCheckpoint = (connection: Connection, { size, lastEvent, root, note }: CheckpointRow) =>
  connection.query('insert into log_checkpoint (size, last_event, root, note) values ($1, $2, $3, $4)', [
    size,
    lastEvent,
    toBytes(root),
    note,
  ])

/** Stores the verifier key of a witness. */
export const rememberWitness = (connection: Connection, key: string) =>
  connection.query('insert into log_witness (key) values ($1) on conflict do nothing', [key])

export const addCosignature = (connection: Connection, size: number, line: string) =>
  connection.query(
    'insert into log_cosignature (size, line) select size, $2 from log_checkpoint where size = $1 on conflict do nothing',
    [size, line],
  )

/** Events after one id and up to another, in order. */
export async function eventsBetween(
  connection: Connection,
  after: number,
  upTo: number,
  limit: number,
): Promise<LeafRow[]> {
  const { rows } = await connection.query<LeafRow>(
    `select ${LEAF_COLUMNS} from event where id > $1 and id <= $2 order by id limit $3`,
    [after, upTo, limit],
    'log events',
  )
  return rows
}

/** Id of the newest committed event. Events with lower ids may still be in flight. */
export async function newestEvent(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ id: number }>('select coalesce(max(id), 0) as id from event')
  return rows[0]!.id
}

/**
 * Tries to take the turn of the log for the transaction of `connection`.
 *
 * @returns false if another session has it
 */
export async function tryLogTurn(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query<{ mine: boolean }>(
    `select pg_try_advisory_xact_lock(${lockKey('log')}) as mine`,
  )
  return rows[0]!.mine
}

/**
 * The highest event id below which no event can still be committed. Reads the newest id, then waits until every transaction
 * that may have drawn a lower id has ended.
 *
 * @returns undefined if that takes longer than `WRITERS_MS`
 */
export async function stableEventId(connection: Connection): Promise<number | undefined> {
  const newest = await newestEvent(connection)
  return (await awaitWriters(connection, WRITERS_MS)) ? newest : undefined
}
