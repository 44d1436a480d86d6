import { AppError } from '../core/errors.js'
import type { EventId } from '../core/ids.js'
import { type Db, sql } from '../db/database.js'
import { folderKeys } from './folder-keys.js'
import { LogFiles } from './log-files.js'
import { type Checkpoint, checkpointOf } from './notes/checkpoint.js'
import type { KeyChain } from './notes/key-chain.js'
import { keyText } from './notes/rotation.js'
import { firstCovering, lastBefore, type SignedNote } from './signed-notes.js'
import { type Hash, leafHash, toBytes } from './tree/hash.js'
import { LEAF_COLUMNS, type LeafRow, leafOf } from './tree/leaf.js'
import { consistencyRanges, inclusionRanges, rootFromInclusion } from './tree/proof.js'
import { TreeHashes } from './tree/tree-hashes.js'

/** An event with its inclusion proof. */
export interface ProvedEvent {
  uuid: EventId
  /** Index of the leaf in the log, from 0. */
  index: number
  /** The leaf, byte for byte: canonical JSON without personal data. */
  leaf: string
  /** Audit path (RFC 6962, 2.1.1): hashes in base64, from the leaf's sibling upwards. */
  path: string[]
}

/** The keys of a log at one checkpoint. */
export interface ProofKeys {
  /** C2SP verifier key of the log that signed the checkpoint. */
  key: string
  /** The statements that lead to it from the log's first key, oldest first. */
  rotations: string[]
}

export interface Proof extends ProofKeys {
  /** The signed note with its known cosignatures. */
  checkpoint: string
  events: ProvedEvent[]
}

/** A checkpoint, and the proof that the log of a later one extends it. */
export interface EarlierCheckpoint {
  /** The signed note with its known cosignatures. */
  checkpoint: string
  /** Consistency proof (RFC 6962, 2.1.2) from this checkpoint to the later one: hashes in base64. */
  proof: string[]
}

/** The proof of a call's events, and the two checkpoints between which its decision entered the log. */
export interface CallProof extends Proof {
  /** The last checkpoint before the first event. Null if none exists. */
  before: EarlierCheckpoint | null
  /** The first checkpoint that covers the decision. */
  covering: EarlierCheckpoint
}

/** Proves events under one checkpoint, even while the log grows. */
export interface Prover extends ProofKeys {
  checkpoint: string
  /**
   * @returns proved events in the order of `uuids`
   * @throws AppError `not-found` if an event is not in the log (yet); `journal.inconsistent` if the row in the database
   *   differs from the logged event, or the log has stopped because it has more events than the database
   */
  prove(uuids: readonly EventId[]): Promise<ProvedEvent[]>
}

/**
 * Proves that events are in the log, under the published checkpoint.
 *
 * @param dir the log's folder
 * @throws AppError as `Prover`, and `not-found` if there is no log
 */
export async function proveEvents(db: Db, dir: string, uuids: readonly EventId[]): Promise<Proof> {
  const { prove, ...under } = await openProver(db, dir)
  return { ...under, events: await prove(uuids) }
}

/**
 * Proves the events of a call under the first checkpoint that covers all of them. Cosigned checkpoints are preferred.
 * After a rotation of the log's key, it is the first checkpoint that the newest key has signed: a reader who trusts
 * only the newest key need not trust the earlier ones.
 *
 * @param dir the log's folder
 * @param uuids the events in the order of the log
 * @param decided place in `uuids` of the event that decided the call
 * @throws AppError as `Prover`, and `not-found` if there is no log
 */
export async function proveCall(
  db: Db,
  dir: string,
  uuids: readonly EventId[],
  decided: number,
): Promise<CallProof> {
  const { files, keys, head, checkpoint } = await openLog(dir)
  const logged = await findLogged(db, uuids, head)
  const rotatedAt = keys.rotations.at(-1)?.size ?? 0
  const covers = await firstCovering(db, Math.max(logged.at(-1)!.index, rotatedAt), head.size)
  const { size, note } = covers ?? { size: head.size, note: checkpoint }
  const under = checkpointOf(note)!
  const hashes = new TreeHashes(files, size)
  const earlier = async (one: SignedNote): Promise<EarlierCheckpoint> => ({
    checkpoint: one.note,
    proof: encode(await hashes.hashesOf(consistencyRanges(one.size, size))),
  })
  const before = await lastBefore(db, logged[0]!.index)
  const covering = (await firstCovering(db, logged[decided]!.index, size)) ?? { size, note }
  return {
    ...proofKeys(keys),
    checkpoint: note,
    events: await Promise.all(logged.map(one => prove(one, under, hashes))),
    before: before ? await earlier(before) : null,
    covering: await earlier(covering),
  }
}

/**
 * A prover under the published checkpoint.
 *
 * @param dir the log's folder
 * @throws AppError `not-found` if there is no log
 */
export async function openProver(db: Db, dir: string): Promise<Prover> {
  const { files, keys, head, checkpoint } = await openLog(dir)
  const hashes = new TreeHashes(files, head.size)
  return {
    ...proofKeys(keys),
    checkpoint,
    prove: async uuids =>
      Promise.all((await findLogged(db, uuids, head)).map(one => prove(one, head, hashes))),
  }
}

const proofKeys = (keys: KeyChain): ProofKeys => ({
  key: keyText(keys.newest),
  rotations: keys.statements,
})

/**
 * Files and published checkpoint of a log, and its keys up to that checkpoint.
 *
 * @throws AppError `not-found` if there is no log; `journal.inconsistent`
 */
async function openLog(dir: string) {
  const files = new LogFiles(dir)
  // The checkpoint is read first: a key is published before it signs.
  const checkpoint = await files.checkpoint()
  const keys = await folderKeys(dir)
  const head = checkpoint && checkpointOf(checkpoint)
  if (!head || !keys) throw new AppError('not-found', `There is no log in ${dir}; consentry serve makes it.`)
  return { files, keys: keys.upTo(head.size), head, checkpoint }
}

/** Events with their index in the log. @throws AppError as `Prover.prove`, if one is not covered by the checkpoint */
async function findLogged(db: Db, uuids: readonly EventId[], head: Checkpoint): Promise<Logged[]> {
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
  return logged
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
      `Event ${row.id} differs from what was logged. Run consentry verify.`,
    )
  return { uuid, index, leaf, path: encode(path) }
}

const encode = (hashes: readonly Hash[]): string[] => hashes.map(hash => toBytes(hash).toString('base64'))

/**
 * Finds why an event is not in the log. A checkpoint is committed before it is published. A database without the
 * published checkpoint was restored to an older state, and the log has stopped.
 *
 * @param head published checkpoint, read before this query
 */
async function whyMissing(db: Db, uuid: EventId, { size }: Checkpoint): Promise<AppError> {
  const { rows } = await sql`select from log_checkpoint where size >= ${size} limit 1`.execute(db)
  return rows.length === 0
    ? new AppError(
        'journal.inconsistent',
        `Event ${uuid} is not in the log and cannot enter it: the log has stopped, because it has events that the database does not have. Run consentry verify to see which; see docs/operate.md, When the log stops.`,
      )
    : new AppError(
        'not-found',
        `Event ${uuid} is not in the log yet. A running service that has the log's key adds it within a second. If it does not, see the service's own log.`,
        { retryable: true },
      )
}

/**
 * Events with their index in the log. Leaves are in the order of event ids. The index of the first event is the size of the
 * checkpoint before it plus the number of events between; the others are counted from there.
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
