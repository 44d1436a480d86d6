import { DAY_MS } from '../shared/clock.js'
import { codeOf } from '../shared/errors.js'
import { readHeader } from '../vault/crypto/part-opener.js'
import type { KeyEntry } from '../vault/keys/key-store.js'
import type { ObjectSource } from '../vault/store/store.js'
import { findParts, type PartRow } from './audit-rows.js'
import type { AuditDeps } from './check-recording.js'
import type { AuditFault } from './faults.js'
import { inspectContainer } from './inspect-container.js'

/** Entries of a store looked up at once. */
const BATCH_SIZE = 500
/** A container younger than this may not be in the journal yet, ms: that takes 2 s, or as long as the database is away. */
const NEW_CONTAINER_MS = 600_000
/**
 * A key file younger than this may be that of a call in which nobody has spoken yet, ms: its part is journalled with the
 * first audio, and no call is silent for a day. The service's sweep destroys a key that was left over within the second day,
 * and with it the container without audio that a killed service left.
 */
const NEW_KEY_MS = 2 * DAY_MS

/**
 * Holds every container in the store against what is known of it.
 *
 * @param now ms since the epoch
 */
export async function checkObjects(
  { db, store }: AuditDeps,
  now: number,
): Promise<{ objects: number; faults: AuditFault[] }> {
  const faults: AuditFault[] = []
  let objects = 0
  for await (const batch of inBatches(store.list())) {
    objects += batch.length
    const rows = await findParts(db, { objects: batch.map(({ name }) => name) })
    const known = new Map(rows.map(row => [row.object, row]))
    for (const { name, modifiedAt } of batch) {
      const row = known.get(name)
      faults.push(...(row ? await checkKnown(row) : await checkUnknown(name, modifiedAt)))
    }
  }
  for await (const where of store.misplaced())
    faults.push({ kind: 'misplaced', what: 'a container in the place of another purpose', where })
  return { objects, faults }

  async function checkKnown({ state, object, recording }: PartRow): Promise<AuditFault[]> {
    if (state !== 'destroyed') return []
    const what = 'the recording was destroyed, its container is there'
    // It may have been destroyed between the listing and the row.
    return inspectContainer(store, object, async () => [
      { kind: 'destroyed-present', what, where: object, recording },
    ])
  }

  async function checkUnknown(name: string, modifiedAt: number): Promise<AuditFault[]> {
    const age = now - modifiedAt
    if (age < NEW_CONTAINER_MS) return []
    const what = 'no part of a recording is known that it could be'
    const orphan: AuditFault[] = [{ kind: 'object-orphan', what, where: name }]
    if (age >= NEW_KEY_MS) return orphan
    return inspectContainer(store, name, async source => ((await isEmpty(source)) ? [] : orphan))
  }
}

/** Whether a container has no audio: nothing is in it, or its header alone. */
async function isEmpty(source: ObjectSource): Promise<boolean> {
  if (source.size === 0) return true
  try {
    return source.size === (await readHeader(source)).length
  } catch (error) {
    if (codeOf(error) === 'container.invalid') return false
    throw error
  }
}

/**
 * Holds every key file against what is known of its part.
 *
 * @param now ms since the epoch
 */
export async function checkKeys(
  { db, keyStore }: AuditDeps,
  now: number,
): Promise<{ keys: number; faults: AuditFault[] }> {
  const faults: AuditFault[] = []
  let keys = 0
  for await (const batch of inBatches(keyStore.list())) {
    keys += batch.length
    const rows = await findParts(db, { parts: batch.map(({ part }) => part) })
    const known = new Map(rows.map(row => [row.part, row]))
    for (const entry of batch) {
      const standing = await keyStore.existingPaths(entry)
      const row = known.get(entry.part)
      const fault = findKeyFault(entry, row, standing)
      const of = row ? { recording: row.recording } : {}
      if (fault) faults.push({ ...fault, where: standing[0] ?? entry.part, ...of })
    }
  }
  for await (const where of keyStore.misplaced())
    faults.push({ kind: 'misplaced', what: 'a key in the place of another purpose', where })
  return { keys, faults }

  /** @param standing empty if it was destroyed since it was listed */
  function findKeyFault(
    entry: KeyEntry,
    row: PartRow | undefined,
    standing: readonly string[],
  ): Omit<AuditFault, 'where'> | undefined {
    if (standing.length === 0) return undefined
    if (!row) {
      if (now - entry.modifiedAt < NEW_KEY_MS) return undefined
      return { kind: 'key-orphan', what: 'no part of a recording is known that it could open' }
    }
    if (row.state === 'destroyed')
      return { kind: 'destroyed-present', what: 'the recording was destroyed, its key is there' }
    if (entry.due !== row.due || entry.purpose !== row.purpose)
      return { kind: 'key-day', what: `belongs under ${row.purpose}/${row.due}` }
    const mirrors = keyStore.locate(entry).length
    if (standing.length === mirrors || row.state === 'destroying') return undefined
    return { kind: 'key-unmirrored', what: `is on ${standing.length} of ${mirrors} mirrors` }
  }
}

async function* inBatches<T>(entries: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const entry of entries) {
    batch.push(entry)
    if (batch.length < BATCH_SIZE) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
