import type { Connection } from '../db/connection.js'
import { LOCKS } from '../db/locks.js'
import { awaitWriters } from '../journal/write/in-flight-writes.js'
import { type Hash, toBytes, toHash } from './tree/hash.js'
import { LEAF_COLUMNS, type LeafRow } from './tree/leaf.js'

/** How long the sequencer waits for a slow writer, ms; then the events enter the log in a later round. */
const WRITERS_MS = 1_000

/** A signed state of the log, as the database keeps it. */
export interface CheckpointRow {
  size: number
  /** Id of the last event in it. */
  lastEvent: number
  root: Hash
  note: string
}

/** Which log this database has, if any. */
export async function registeredLog(
  connection: Connection,
): Promise<{ origin: string; key: string } | undefined> {
  return (await connection.query<{ origin: string; key: string }>('select origin, key from log')).rows[0]
}

/** Registers a log, unless there is one; the first wins. */
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

/** Id of the newest event that is committed; others below it may still be on their way. */
export async function newestEvent(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ id: number }>('select coalesce(max(id), 0) as id from event')
  return rows[0]!.id
}

/** Whether the transaction of `connection` is now the one that may carry the log on. */
export async function tryLogLock(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query<{ mine: boolean }>(
    `select pg_try_advisory_xact_lock(${LOCKS.log}) as mine`,
  )
  return rows[0]!.mine
}

/**
 * The highest event id below which no event can still enter. It reads the highest id, then waits until every transaction has
 * ended that may have drawn a lower one.
 *
 * @returns undefined if one of these takes longer than `HORIZON_MS`
 */
export async function stableEventId(connection: Connection): Promise<number | undefined> {
  const newest = await newestEvent(connection)
  return (await awaitWriters(connection, WRITERS_MS)) ? newest : undefined
}
