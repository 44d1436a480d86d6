import { basename, join } from 'node:path'
import type { Connection } from '../../db/connection.js'
import type { Database } from '../../db/database.js'
import { personalHash } from '../../lib/canonical-json.js'
import { counted } from '../../lib/plural.js'
import { LogFiles } from '../log-files.js'
import { CHECKPOINTS_FILE } from '../log-folder.js'
import { newestSize } from '../log-rows.js'
import { type Checkpoint, checkpointOf } from '../notes/checkpoint.js'
import type { KeyChain } from '../notes/key-chain.js'
import { tilePath } from '../tree/tile.js'
import { Frontier } from '../tree/tree-hashes.js'
import { CheckpointCheck } from './check-checkpoints.js'
import { RowComparison } from './compare-rows.js'
import { Faults, type LogFault } from './faults.js'
import { keysOfDatabase, RotationCheck, reportPublishedKeys } from './keys-of-log.js'
import { RowStream } from './row-stream.js'
import {
  checkpointsInDatabase,
  checkpointsInFile,
  isSigned,
  MergedCheckpoints,
  readStoredCheckpoint,
  type StoredCheckpoint,
} from './stored-checkpoints.js'
import { TilePrefetch } from './tile-prefetch.js'
import { TrustedTiles } from './trusted-tiles.js'
import { verifyCosignatures } from './verify-cosignatures.js'
import { verifyEntry } from './verify-entry.js'

export interface VerifyLogOptions {
  db: Database
  /** The log's folder. */
  dir: string
  /** A verifier key of the log, from a place that this host cannot write. The folder's key if absent. */
  key?: string | undefined
  /**
   * Statements by which the log's key was rotated, from such a place. They precede those of the database and the
   * folder.
   */
  rotations?: readonly string[]
  /** More files of checkpoints, such as a copy of `checkpoints.txt` from another machine. */
  checkpointFiles?: readonly string[]
  /** Verifier keys of witnesses besides those that the database knows. */
  witnessKeys?: readonly string[]
  /** Single checkpoints from elsewhere, such as the last one that a witness cosigned. */
  witnessed?: readonly { note: string; where: string }[]
  progress?: ((done: number, of: number) => void) | undefined
}

export interface LogVerdict {
  checked: {
    /** Events compared with the log. */
    events: number
    checkpoints: number
    /** Cosignatures of witnesses that were verified. */
    cosignatures: number
    /** Personal parts compared with their hash. */
    personal: number
  }
  faults: LogFault[]
}

/** Leaves between two reports of progress. */
const PROGRESS_LEAVES = 4_096

/**
 * Verifies the whole journal: every event against its leaf, every tile of every level, every stored checkpoint, and every
 * personal part that is not erased. The service may run meanwhile; events that it adds are not verified.
 *
 * @returns numbers of checked items, and the faults
 * @throws AppError `db.unavailable`
 */
export async function verifyLog(options: VerifyLogOptions): Promise<LogVerdict> {
  const { db, witnessKeys = [] } = options
  const [log, personal, cosigned] = [new Faults(), new Faults(), new Faults()]
  const [{ events, checkpoints }, checkedPersonal, cosignatures] = await Promise.all([
    verifyEvents(options, log),
    inSnapshot(db, connection => verifyPersonal(connection, personal)),
    inSnapshot(db, connection => verifyCosignatures(connection, witnessKeys, cosigned)),
  ])
  return {
    checked: { events, checkpoints, cosignatures, personal: checkedPersonal },
    faults: [...log.all(), ...cosigned.all(), ...personal.all()],
  }
}

/**
 * Verifies when the events entered the database, see `verifyEntry`.
 *
 * @returns `late`: number of events that entered late because of an outage
 * @throws AppError `db.unavailable`
 */
export async function verifyTimes(db: Database): Promise<{ late: number; faults: LogFault[] }> {
  const faults = new Faults()
  const late = await inSnapshot(db, connection => verifyEntry(connection, faults))
  return { late, faults: faults.all() }
}

/** Runs `work` on a connection of its own, in a read-only snapshot of the database. */
async function inSnapshot<T>(db: Database, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await db.connect('verify')
  try {
    await connection.query(`begin isolation level repeatable read read only; set local datestyle = 'ISO'`)
    return await work(connection)
  } finally {
    await connection.close()
  }
}

async function verifyEvents(options: VerifyLogOptions, faults: Faults) {
  const files = new LogFiles(options.dir)
  // Read before the snapshot begins, so that the snapshot has every event that these checkpoints cover.
  const outside = await checkpointsOutsideDatabase(options, faults)
  const published = await files.checkpoint()
  return inSnapshot(options.db, async connection => {
    const keys = await keysOfDatabase(connection, options.dir, options, faults)
    if (!keys) {
      await reportUnlogged(connection, 0, faults)
      return { events: 0, checkpoints: 0 }
    }
    return verifyUnder(keys, { published, outside }, files, connection, options, faults)
  })
}

/** The stored checkpoints from outside the database. */
const checkpointsOutsideDatabase = async (
  { dir, checkpointFiles = [], witnessed = [] }: VerifyLogOptions,
  faults: Faults,
) => [
  await checkpointsInFile(join(dir, CHECKPOINTS_FILE), CHECKPOINTS_FILE, 'file', faults),
  ...(await Promise.all(
    checkpointFiles.map(path => checkpointsInFile(path, basename(path), 'elsewhere', faults)),
  )),
  ...witnessed.map(({ note, where }) => atMostOne(readStoredCheckpoint(note, 'elsewhere', where))),
]

async function verifyUnder(
  keys: KeyChain,
  { published, outside }: { published: string | undefined; outside: AsyncGenerator<StoredCheckpoint>[] },
  files: LogFiles,
  connection: Connection,
  { dir, progress = () => {} }: VerifyLogOptions,
  faults: Faults,
): Promise<{ events: number; checkpoints: number }> {
  const newest = await newestSize(connection)
  const head = await publishedHead(published, keys, faults)
  await reportPublishedKeys(dir, keys, head.size, faults)
  const stored = await MergedCheckpoints.of([checkpointsInDatabase(connection, faults), ...outside])
  const checkpoints = new CheckpointCheck(stored, keys, faults, { database: newest, file: head.size })
  const rows = await RowStream.open(connection)
  const frontier = new Frontier()
  const rotations = new RotationCheck(keys, faults)
  const end = Math.max(head.size, newest)
  const grow = async (hash: string, trusted: boolean) => {
    frontier.append(hash)
    if (rotations.names(frontier.size)) rotations.compareWith(frontier.size, frontier.root())
    if (frontier.size === checkpoints.nextSize) await checkpoints.compareWith(frontier.root(), trusted)
    if (frontier.size % PROGRESS_LEAVES === 0 || frontier.size === end) progress(frontier.size, end)
  }
  await verifyTiles(files, head, rows, newest < head.size, grow, faults)
  for (;;) {
    const [row] = await rows.peek(1)
    if (!row || frontier.size >= newest) break
    rows.take(1)
    await grow(row.hash, false)
  }
  const [unlogged] = await rows.peek(1)
  if (unlogged) await reportUnlogged(connection, unlogged.id, faults)
  await checkpoints.finish(frontier.size)
  return { events: frontier.size, checkpoints: checkpoints.checked }
}

/** The published checkpoint, if it is signed by the log's key that is in force at its size; otherwise a checkpoint of no leaves. */
async function publishedHead(
  published: string | undefined,
  keys: KeyChain,
  faults: Faults,
): Promise<Checkpoint> {
  const head = published === undefined ? undefined : checkpointOf(published)
  const own = head && head.origin === keys.origin ? head : undefined
  if (own && published && (await isSigned(published, keys.inForce(own.size)))) return own
  if (published !== undefined && own && keys.hasSigned(published))
    faults.add('key-not-in-force', 'checkpoint', 'a key of the log has signed it that does not sign its size')
  else if (published !== undefined)
    faults.add('checkpoint-forged', 'checkpoint', "it is not signed by the log's key")
  return { origin: keys.origin, size: 0, root: '' }
}

/** Compares the rows with the tiles, and calls `grow` with the trusted hash of each leaf. */
async function verifyTiles(
  files: LogFiles,
  head: Checkpoint,
  rows: RowStream,
  rolledBack: boolean,
  grow: (hash: string, trusted: boolean) => Promise<void>,
  faults: Faults,
): Promise<void> {
  if (head.size === 0) return
  const events = new Faults()
  const source = new TilePrefetch(files)
  const tiles = new TrustedTiles(source, head, faults)
  const comparison = new RowComparison(rows, source, events)
  const suspects: string[] = []
  const whole = new Frontier()
  for await (const tile of tiles.leafTiles()) {
    const { hashes, same } = await comparison.compareTile(tile)
    if (!tiles.givesSignedRoot && !same) suspects.push(tilePath({ level: 0, n: tile.n, width: tile.width }))
    if (!tiles.givesSignedRoot) for (const hash of hashes) whole.append(hash)
    const believed = tile.trusted ?? (tile.root !== undefined && !same ? tile.claimed : hashes) ?? hashes
    for (const hash of believed)
      await grow(hash, tiles.givesSignedRoot && (tile.trusted !== undefined || same))
  }
  await comparison.finish(head.size, rolledBack)
  if (tiles.givesSignedRoot) faults.addAll(events)
  else blameTilesOrEvents(head, whole, suspects, events, faults)
}

/** Called if the tiles do not give the signed root. If the rows give it, only the tiles are forged. */
function blameTilesOrEvents(
  head: Checkpoint,
  rows: Frontier,
  suspects: string[],
  events: Faults,
  faults: Faults,
): void {
  if (rows.size === head.size && rows.root() === head.root) {
    for (const path of suspects) faults.add('tile-forged', path, 'its content differs from what was logged')
    if (suspects.length === 0)
      faults.add('tile-forged', 'tile', 'the right edge does not give the signed root')
    return
  }
  faults.addAll(events)
  faults.add('tile-forged', 'tile', 'neither the tiles nor the events give the signed root')
}

async function* atMostOne(checkpoint: StoredCheckpoint | undefined): AsyncGenerator<StoredCheckpoint> {
  if (checkpoint) yield checkpoint
}

/**
 * Reports the events that have been in the database for over a minute and are not in the log. A running log takes up an event within
 * a second. Until then a superuser can change the event unseen.
 *
 * @param connection in a snapshot of the database
 * @param from id of the first event after the log
 */
async function reportUnlogged(connection: Connection, from: number, faults: Faults): Promise<void> {
  const { rows } = await connection.query<{ count: number; first: number; last: number }>(
    `select count(*) as count, min(id) as first, max(id) as last from event
     where id >= $1 and entered_at < now() - interval '1 minute'`,
    [from],
  )
  const { count, first, last } = rows[0]!
  if (count === 0) return
  const where = count === 1 ? `event ${first}` : `events ${first} to ${last}`
  const verb = count === 1 ? 'has' : 'have'
  const what = `${counted(count, 'event', 'events')} ${verb} been in the database for over a minute and ${verb} no leaf in the log: a change of it would not be found`
  faults.add('event-unlogged', where, what)
}

/** Rows per fetch. */
const ROWS_PER_FETCH = 1_000

interface PersonalRow {
  id: number
  salt: Buffer
  data: unknown
  hash: string | null
}

const CURSOR = `declare personal no scroll cursor for
  select event.id, personal.salt, personal.data, encode(event.personal_hash, 'hex') as hash
  from event_personal personal join event on event.uuid = personal.event`

/**
 * Compares every personal part with the hash in its event, which the log covers. An event without its personal part is
 * no fault, because personal parts may be erased. A part without a salt is no fault either: an erasure left only the
 * name of the actor in it.
 *
 * @param connection in a transaction
 * @returns number of checked rows
 */
async function verifyPersonal(connection: Connection, faults: Faults): Promise<number> {
  await connection.query(CURSOR)
  let checked = 0
  for (;;) {
    const { rows } = await connection.query<PersonalRow>(`fetch ${ROWS_PER_FETCH} from personal`)
    for (const { id, salt, data, hash } of rows) {
      checked++
      if (salt.length === 0) continue
      if (hash === null)
        faults.add('personal-changed', `event ${id}`, 'it has personal data, but was logged without')
      else if (personalHash(salt, data) !== hash)
        faults.add('personal-changed', `event ${id}`, 'its personal data differs from what was logged')
    }
    if (rows.length === 0) return checked
  }
}
