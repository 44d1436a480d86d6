import { basename } from 'node:path'
import { type Clock, DAY_MS } from '../../core/clock.js'
import { codeOf } from '../../core/errors.js'
import type { PartId, RecordingId } from '../../core/ids.js'
import { type Database, type Db, sql } from '../../db/database.js'
import { takeTurn } from '../../db/locks.js'
import type { RecordingState } from '../../db/tables.js'
import { keptFromDestruction } from '../../journal/read/holds.js'
import type { Log } from '../../lib/log.js'
import { readHeader } from '../../vault/crypto/part-opener.js'
import type { KeyEntry, KeyRef, KeyStore } from '../../vault/keys/key-store.js'
import type { Archive } from '../../vault/store/store.js'

/** A key file younger than this may belong to a part whose row the database does not have yet, ms. */
const MIN_AGE_MS = 600_000
/**
 * A key file without a container must be this old, ms. Its recording is committed within a second of the key; a day also
 * covers a machine that was suspended in between, and is longer than any call.
 */
const MIN_AGE_WITHOUT_CONTAINER_MS = DAY_MS
/** Key files read from the database with one query. */
const BATCH_SIZE = 500

interface Deps {
  db: Database
  keyStore: KeyStore
  store: Archive
  clock: Clock
  log: Log
}

/** The result of a sweep. */
export interface SweepResult {
  /** Key files that were destroyed, with their containers. */
  destroyed: number
  /** Those of them whose recording was destroyed already. */
  ofDestroyed: number
  /** Key files that stay because a hold keeps their recording, or because it is unknown or unreadable. */
  left: number
}

/**
 * Destroys key files that nothing refers to, and their containers. A service leaves such files when it is killed while
 * it prepares a call or begins a part. The key file of a destroyed recording may remain where the destruction could not
 * remove it: on a volume of this node alone, on a mirror that was away, or where it has been put back. The database
 * decides, not only the files found here:
 *
 * - The sweep destroys the key of a recording whose destruction is in the journal.
 * - The sweep destroys a key with a container when the database says that the container's recording has ended. Rows are
 *   written in order, so the rows of all parts are in the database by then, even if the database was away for a while.
 * - The sweep destroys a key without a container when no recording with its purpose and due day is in progress. Only a
 *   recording in progress could still begin a container with this key.
 * - A container of a recording that the database does not know stays, with its key. The database may be the wrong one,
 *   or an old copy.
 * - A hold keeps a key of its recording, although the row says that the recording is destroyed.
 *
 * @param running parts of the recordings that this service is making
 * @throws AppError `db.*`, `store.*`
 */
export async function sweepKeys(deps: Deps, running: ReadonlySet<PartId>): Promise<SweepResult> {
  const swept = { destroyed: 0, ofDestroyed: 0, left: 0 }
  const candidates = await unusedKeys(deps, running)
  if (candidates.length === 0) return swept
  const containers = await findContainers(deps, new Set(candidates.map(({ part }) => part)))
  for (const { destroyed, ...entry } of candidates) {
    const name = containers.get(entry.part)
    const recording = destroyed ?? (name ? await recordingOfContainer(deps, name) : undefined)
    const use = destroyed ? 'none' : await keyUse(deps, entry, recording)
    if (use === 'some') continue
    if (use === 'unknown' || !(await destroyUnlessKept(deps, entry, name, recording))) {
      swept.left++
      continue
    }
    swept.destroyed++
    if (!destroyed) continue
    swept.ofDestroyed++
    deps.log.warn(
      { part: entry.part },
      'the key of a recording that is destroyed was here; it is destroyed now',
    )
  }
  if (swept.destroyed > 0) deps.log.info(swept, 'destroyed keys that nothing refers to')
  if (swept.left > 0)
    deps.log.warn(
      swept,
      'keys stay because a hold keeps their recordings, or the database does not know them: run consentry audit',
    )
  return swept
}

/** @returns false if a hold or block keeps the recording */
async function destroyUnlessKept(
  { db, keyStore, store, clock }: Deps,
  entry: KeyEntry,
  container: string | undefined,
  recording: RecordingId | 'unreadable' | undefined,
): Promise<boolean> {
  const asked = recording && recording !== 'unreadable' ? [recording] : []
  // The transaction ends before the disk is used, because nobody can place a hold while it has the turn.
  const kept = await db.transaction().execute(async trx => {
    await takeTurn(trx, 'holds', 'share')
    return keptFromDestruction(trx, asked, clock.now())
  })
  if (kept.size > 0) return false
  await keyStore.destroy(refOf(entry))
  if (container !== undefined) await store.remove(container)
  return true
}

const refOf = ({ purpose, due, part }: KeyEntry): KeyRef => ({ purpose, due, part })

/** A key file that may be destroyed. */
type UnusedKey = KeyEntry & {
  /** Its recording, which is destroyed. Undefined: the database does not know the part. */
  destroyed: RecordingId | undefined
}

async function unusedKeys({ db, keyStore, clock }: Deps, running: ReadonlySet<PartId>): Promise<UnusedKey[]> {
  const found: UnusedKey[] = []
  let batch: KeyEntry[] = []
  const check = async (): Promise<void> => {
    if (batch.length === 0) return
    const known = await knownParts(
      db,
      batch.map(({ part }) => part),
    )
    for (const entry of batch) {
      const part = known.get(entry.part)
      if (!part || part.destroyed) found.push({ ...entry, destroyed: part?.recording })
    }
    batch = []
  }
  for await (const entry of keyStore.list()) {
    if (running.has(entry.part) || clock.now() - entry.modifiedAt < MIN_AGE_MS) continue
    batch.push(entry)
    if (batch.length === BATCH_SIZE) await check()
  }
  await check()
  return found
}

async function findContainers({ store }: Deps, parts: ReadonlySet<PartId>): Promise<Map<PartId, string>> {
  const found = new Map<PartId, string>()
  for await (const { name } of store.list()) {
    const part = basename(name, '.ctry') as PartId
    if (parts.has(part)) found.set(part, name)
  }
  return found
}

/** @returns the recording that a container names; undefined if the container is empty or another service has just removed it */
async function recordingOfContainer(
  { store }: Deps,
  name: string,
): Promise<RecordingId | 'unreadable' | undefined> {
  const source = await store.open(name).catch(error => {
    if (codeOf(error) !== 'not-found') throw error
    return undefined
  })
  try {
    if (!source || source.size === 0) return undefined
    return (await readHeader(source)).info.recording
  } catch (error) {
    if (codeOf(error) === 'container.invalid') return 'unreadable'
    throw error
  } finally {
    await source?.close()
  }
}

/**
 * Whether a key is in use.
 *
 * @param recording the recording of its container; undefined if there is no container, or if it is empty
 * @returns `some`: the key is in use, or may come into use; `none`: it is not in use; `unknown`: the database cannot
 *   tell
 */
async function keyUse(
  { db, clock }: Deps,
  { purpose, due, part, modifiedAt }: KeyEntry,
  recording: RecordingId | 'unreadable' | undefined,
): Promise<'some' | 'none' | 'unknown'> {
  if (recording === 'unreadable') return 'unknown'
  if (recording) {
    const state = await recordingState(db, recording)
    if (state === undefined) return 'unknown'
    if (state === 'recording') return 'some'
  } else {
    if (clock.now() - modifiedAt < MIN_AGE_WITHOUT_CONTAINER_MS) return 'some'
    if (await hasRunningRecording(db, purpose, due)) return 'some'
  }
  // This query comes last, because a recording may add rows of parts until it ends.
  return (await knownParts(db, [part])).has(part) ? 'some' : 'none'
}

/**
 * Finds those of these parts that the database knows. A recording counts as destroyed only if its row and an event say so: the console's role
 * can write events, but not the row.
 *
 * @returns the recording of each part, and whether it is destroyed
 */
async function knownParts(
  db: Db,
  parts: readonly PartId[],
): Promise<Map<PartId, { recording: RecordingId; destroyed: boolean }>> {
  const { rows } = await sql<{ id: PartId; recording: RecordingId; destroyed: boolean }>`
    select p.id, p.recording_id as recording, case when r.state = 'destroyed' then exists (
        select from event e where e.call_id = r.call_id and e.type = 'recording.destroyed'
          and e.data ->> 'recording' = r.id::text)
      else false end as destroyed
    from part p join recording r on r.id = p.recording_id where p.id = any(${parts}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, ...part }) => [id, part]))
}

/** @returns the state of a recording; undefined if the database does not know it */
async function recordingState(db: Db, recording: RecordingId): Promise<RecordingState | undefined> {
  const row = await db.selectFrom('recording').where('id', '=', recording).select('state').executeTakeFirst()
  return row?.state
}

/**
 * Whether the database knows a recording in progress, of any service, with this purpose and due day.
 *
 * @param due `YYYY-MM-DD`
 */
async function hasRunningRecording(db: Db, purpose: string, due: string): Promise<boolean> {
  const row = await db
    .selectFrom('recording')
    .where('state', '=', 'recording')
    .where('purpose', '=', purpose)
    .where('due', '=', due)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}
