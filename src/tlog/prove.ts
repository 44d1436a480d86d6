import { join } from 'node:path'
import { type Db, sql } from '../db/database.js'
import { AppError } from '../shared/errors.js'
import type { EventId } from '../shared/ids.js'
import { LogFiles, readText } from './log-files.js'
import { KEY_FILE } from './log-folder.js'
import { type Checkpoint, checkpointOf } from './notes/checkpoint.js'
import { leafHash, toBytes } from './tree/hash.js'
import { LEAF_COLUMNS, type LeafRow, leafOf } from './tree/leaf.js'
import { inclusionRanges, rootFromInclusion } from './tree/proof.js'
import { TreeHashes } from './tree/tree-hashes.js'

/** An event with the proof that it is in the log. */
export interface ProvedEvent {
  uuid: EventId
  /** Its place in the log, from 0. */
  index: number
  /** The leaf, byte for byte: canonical JSON without personal data. */
  leaf: string
  /** Audit path (RFC 6962, 2.1.1): hashes in base64, from the leaf's sibling upwards. */
  path: string[]
}

export interface Proof {
  /** C2SP verifier key of the log. */
  key: string
  /** The signed note, with cosignatures as far as they are known. */
  checkpoint: string
  events: ProvedEvent[]
}

/** Proves events under one checkpoint, which stays the same however the log grows meanwhile. */
export interface Prover {
  key: string
  checkpoint: string
  /**
   * @returns in the order asked for
   * @throws AppError `not-found` for an event that is not in the log (yet); `journal.inconsistent` where the row in the
   *   database is not what was logged, or the log stands still because it has more than the database
   */
  prove(uuids: readonly EventId[]): Promise<ProvedEvent[]>
}

/**
 * Proves that events are in the log, under the newest checkpoint published in its folder.
 *
 * @param dir the log's folder
 * @throws AppError as `Prover` does, and `not-found` where there is no log
 */
export async function proveEvents(db: Db, dir: string, uuids: readonly EventId[]): Promise<Proof> {
  const { key, checkpoint, prove } = await openProver(db, dir)
  return { key, checkpoint, events: await prove(uuids) }
}

/**
 * Takes up the newest checkpoint published in the log's folder.
 *
 * @throws AppError `not-found` where there is no log
 */
export async function openProver(db: Db, dir: string): Promise<Prover> {
  const files = new LogFiles(dir)
  const [checkpoint, key] = await Promise.all([files.checkpoint(), readText(join(dir, KEY_FILE))])
  const head = checkpoint && checkpointOf(checkpoint)
  if (!head || !key) throw new AppError('not-found', `There is no log in ${dir}.`)
  const hashes = new TreeHashes(files, head.size)
  return {
    key: key.trim(),
    checkpoint,
    async prove(uuids) {
      const rows = await rowsWithIndex(db, uuids)
      const places = new Map(rows.map(row => [row.uuid, row]))
      const logged = uuids.flatMap(uuid => {
        const row = places.get(uuid)
        return row?.index != null && row.index < head.size ? [{ uuid, row, index: row.index }] : []
      })
      if (logged.length < uuids.length) {
        const missing = uuids.find((uuid, i) => logged[i]?.uuid !== uuid)!
        throw await whyMissing(db, missing, head)
      }
      return Promise.all(logged.map(one => prove(one, head, hashes)))
    },
  }
}

type RowWithIndex = LeafRow & { index: number | null }

interface Logged {
  uuid: EventId
  row: LeafRow
  index: number
}

async function prove(
  { uuid, row, index }: Logged,
  head: Checkpoint,
  hashes: TreeHashes,
): Promise<ProvedEvent> {
  const leaf = leafOf(row)
  const path = await hashes.hashesOf(inclusionRanges(index, head.size))
  if (rootFromInclusion(leafHash(leaf), index, head.size, path) !== head.root)
    throw new AppError(
      'journal.inconsistent',
      `Event ${row.id} is not what was logged; see consentry verify.`,
    )
  return { uuid, index, leaf, path: path.map(hash => toBytes(hash).toString('base64')) }
}

/**
 * Why an event is not in the log. A checkpoint is committed before it is published: a folder that has one which the database
 * does not know is of another state of it, and its log is not carried on.
 *
 * @param head read before the database is asked
 */
async function whyMissing(db: Db, uuid: EventId, { size }: Checkpoint): Promise<AppError> {
  const { rows } = await sql`select from log_checkpoint where size >= ${size} limit 1`.execute(db)
  return rows.length === 0
    ? new AppError(
        'journal.inconsistent',
        `Event ${uuid} is not in the log, and does not come there: the log stands still, for it has events that the database does not know. consentry verify says which; see docs/journal.md, When the log stops.`,
      )
    : new AppError(
        'not-found',
        `Event ${uuid} is not in the log. A running service that has the log's key enters it within a second; if it does not come, the service's own log says why.`,
        { retryable: true },
      )
}

/**
 * Events with their place in the log. Leaves stand in the order of ids: the place of the first is what stood in the log before its
 * checkpoint, and the events between; those of the others follow by counting on from it.
 */
async function rowsWithIndex(db: Db, uuids: readonly EventId[]): Promise<RowWithIndex[]> {
  const { rows } = await sql<RowWithIndex>`
    with wanted as materialized (
      select ${sql.raw(LEAF_COLUMNS)} from event where uuid = any(${uuids}::uuid[])
    ), first as materialized (
      select id, (
        select coalesce(before.size, 0) + (
            select count(*) from event other where other.id > coalesce(before.last_event, 0) and other.id < least.id)
        from (select last_event from log_checkpoint where last_event >= least.id order by last_event limit 1) covering
          left join lateral (
            select size, last_event from log_checkpoint where last_event < least.id order by last_event desc limit 1
          ) before on true
      ) as index
      from (select min(id) as id from wanted) least
    ), counted as (
      select id, row_number() over (order by id) - 1 as further from event
      where id >= (select id from first) and id <= (select max(id) from wanted)
    )
    select wanted.*, first.index + counted.further as index
    from wanted join counted on counted.id = wanted.id cross join first`.execute(db)
  return rows
}
