import type { KeyEntry } from '../../vault/keys/key-store.js'
import { findParts, type PartRow } from './audit-rows.js'
import type { AuditDeps } from './check-recording.js'
import type { AuditFault } from './faults.js'
import { inspectContainer } from './inspect-container.js'
import { checkUnknown, NEW_PART_MS } from './unknown-container.js'

/** Entries of a store that one query looks up. */
const BATCH_SIZE = 500

/**
 * Checks that every container in the store belongs to a recording that is not destroyed.
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
    const rows = await findParts(db, { objects: batch.map(({ name }) => name), at: store.location })
    const known = new Map(rows.map(row => [row.object, row]))
    for (const { name, modifiedAt } of batch) {
      const row = known.get(name)
      const what = 'the database knows no part that has this container'
      const orphan: AuditFault = { kind: 'object-orphan', what, where: name }
      faults.push(
        ...(row ? await checkKnown(row) : await checkUnknown(store, { name, modifiedAt }, now, orphan)),
      )
    }
  }
  for await (const where of store.misplaced())
    faults.push({ kind: 'misplaced', what: 'the container is in the folder of another purpose', where })
  return { objects, faults }

  async function checkKnown({ state, object, recording }: PartRow): Promise<AuditFault[]> {
    if (state !== 'destroyed') return []
    const what = 'the recording was destroyed, but its container is in the store'
    // The recording may have been destroyed after the store was listed.
    return inspectContainer(store, object, async () => [
      { kind: 'destroyed-present', what, where: object, recording },
    ])
  }
}

/**
 * Checks that every key file belongs to a part, is under the right purpose and due day, and is on every mirror.
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
    faults.push({ kind: 'misplaced', what: 'the key file is in the folder of another purpose', where })
  return { keys, faults }

  /** @param standing paths of the key file on the mirrors; empty if it was destroyed after the listing */
  function findKeyFault(
    entry: KeyEntry,
    row: PartRow | undefined,
    standing: readonly string[],
  ): Omit<AuditFault, 'where'> | undefined {
    if (standing.length === 0) return undefined
    if (!row) {
      if (now - entry.modifiedAt < NEW_PART_MS) return undefined
      return { kind: 'key-orphan', what: 'the database knows no part that has this key' }
    }
    if (row.state === 'destroyed')
      return {
        kind: 'destroyed-present',
        what: 'the recording was destroyed, but its key is in the key store',
      }
    if (entry.due !== row.due || entry.purpose !== row.purpose)
      return { kind: 'key-day', what: `the key file belongs in ${row.purpose}/${row.due}` }
    const mirrors = keyStore.locate(entry).length
    if (standing.length === mirrors || row.state === 'destroying') return undefined
    return { kind: 'key-unmirrored', what: `the key file is on ${standing.length} of ${mirrors} mirrors` }
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
