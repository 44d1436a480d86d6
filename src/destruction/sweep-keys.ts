import { basename } from 'node:path'
import type { Db } from '../db/database.js'
import { type Clock, DAY_MS } from '../shared/clock.js'
import { codeOf } from '../shared/errors.js'
import type { PartId, RecordingId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import { readHeader } from '../vault/crypto/part-opener.js'
import type { KeyEntry, KeyRef, KeyStore } from '../vault/keys/key-store.js'
import type { ObjectStore } from '../vault/store/store.js'
import { hasRunningRecording, knownParts, recordingState } from './key-rows.js'

/** A key file younger than this may belong to a part whose row is on its way, ms. */
const MIN_AGE_MS = 600_000
/**
 * A key file without a container must be this old, ms. Its recording is committed within a second of the key; a day also
 * covers a machine that was suspended in between, and is longer than any call.
 */
const MIN_AGE_WITHOUT_CONTAINER_MS = DAY_MS
/** Key files looked up at once. */
const BATCH_SIZE = 500

interface Deps {
  db: Db
  keyStore: KeyStore
  store: ObjectStore
  clock: Clock
  log: Log
}

/** What a search found. */
export interface SweepResult {
  /** Key files that were destroyed, with their containers. */
  destroyed: number
  /** Key files that stay because the recording of their container is unknown or unreadable. */
  left: number
}

/**
 * Destroys key files that nothing refers to, and their containers: a service that was killed while it prepared a call or
 * began a part leaves them. Several services may share database and stores, so the database decides:
 *
 * - A key with a container goes once the database knows that the container's recording has ended. Recordings enter in order,
 *   so the rows of all of its parts are there by then, also of a service that could not reach the database for a while.
 * - A key without a container goes when no recording of its purpose and due day runs: only such a recording could still begin
 *   a container under it.
 * - A container of a recording that the database does not know stays, with its key: the database may be the wrong one, or an
 *   old copy.
 *
 * @param running parts of recordings that this service is making
 * @throws AppError `db.*`, `store.*`
 */
export async function sweepKeys(deps: Deps, running: ReadonlySet<PartId>): Promise<SweepResult> {
  const swept = { destroyed: 0, left: 0 }
  const candidates = await keysWithoutPart(deps, running)
  if (candidates.length === 0) return swept
  const containers = await findContainers(deps, new Set(candidates.map(({ part }) => part)))
  for (const entry of candidates) {
    const name = containers.get(entry.part)
    const use = await keyUse(deps, entry, name ? await recordingOfContainer(deps, name) : undefined)
    if (use === 'unknown') swept.left++
    if (use !== 'none') continue
    await deps.keyStore.destroy(refOf(entry))
    if (name !== undefined) await deps.store.remove(name)
    swept.destroyed++
  }
  if (swept.destroyed > 0) deps.log.info(swept, 'destroyed keys that nothing refers to')
  if (swept.left > 0)
    deps.log.warn(swept, 'keys stay whose containers are of no known recording: run consentry audit')
  return swept
}

const refOf = ({ purpose, due, part }: KeyEntry): KeyRef => ({ purpose, due, part })

async function keysWithoutPart({ db, keyStore, clock }: Deps, running: ReadonlySet<PartId>): Promise<KeyEntry[]> {
  const found: KeyEntry[] = []
  let batch: KeyEntry[] = []
  const check = async (): Promise<void> => {
    if (batch.length === 0) return
    const known = await knownParts(
      db,
      batch.map(({ part }) => part),
    )
    found.push(...batch.filter(({ part }) => !known.has(part)))
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

/** The recording that a container names; undefined if there is nothing in it, or another service has just removed it. */
async function recordingOfContainer({ store }: Deps, name: string): Promise<RecordingId | 'unreadable' | undefined> {
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
 * Whether a key is in use or may yet be (`some`), is in no use (`none`), or cannot be told (`unknown`).
 *
 * @param recording the recording whose container it opens; undefined if there is no container, or nothing in it
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
  // This comes last: until its recording has ended, a part may become known at any moment.
  return (await knownParts(db, [part])).has(part) ? 'some' : 'none'
}
