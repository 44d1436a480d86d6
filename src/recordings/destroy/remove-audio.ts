import { codeOf } from '../../core/errors.js'
import type { PartId, RecordingId } from '../../core/ids.js'
import type { PartLocation } from '../../core/part-location.js'
import { groupBy } from '../../lib/group-by.js'
import { inParallel } from '../../lib/lane.js'
import type { KeyRef } from '../../vault/keys/key-store.js'
import { archiveAt } from '../../vault/store/object-name.js'
import type { Archive } from '../../vault/store/store.js'
import type { ActRecording } from './assign-to-act.js'
import type { DestroyDeps } from './types.js'

/** Keys searched for at once when they are not under their recording's day. */
const CONCURRENT_SEARCHES = 16

type Deps = Pick<DestroyDeps, 'keyStore' | 'store' | 'log'>

/**
 * Destroys the keys of recordings on every mirror, and then removes their containers. Every step can be repeated.
 *
 * @returns recordings of which a store refused to remove a key or a container
 */
export async function removeAudio(
  deps: Deps,
  recordings: readonly ActRecording[],
): Promise<Set<RecordingId>> {
  const incomplete = new Set<RecordingId>()
  const recordingOfPart = new Map<PartId, RecordingId>()
  const refs: KeyRef[] = []
  for (const { id, purpose, due, parts } of recordings) {
    for (const part of parts) {
      recordingOfPart.set(part.id, id)
      refs.push({ purpose, due, part: part.id })
    }
  }
  const { absent, failed } = await deps.keyStore.destroyAll(refs)
  for (const [{ part }, error] of failed) {
    incomplete.add(recordingOfPart.get(part)!)
    deps.log.warn({ part, code: error.code }, 'a key could not be destroyed; the run tries again')
  }
  await inParallel(absent, CONCURRENT_SEARCHES, async ({ part }) => {
    if (!(await destroyMisplacedKeys(deps, part))) incomplete.add(recordingOfPart.get(part)!)
  })

  // A recording that still has a key keeps its containers. The sweep would otherwise find a key without a container.
  const removable = recordings.flatMap(({ id, parts }) =>
    incomplete.has(id) ? [] : parts.map(part => ({ ...part, recording: id })),
  )
  for (const [location, parts] of groupBy(removable, ({ location }) => location)) {
    const recordingOfObject = new Map(parts.map(({ object, recording }) => [object, recording]))
    for (const [name, code] of await removeContainers(deps, location, [...recordingOfObject.keys()])) {
      incomplete.add(recordingOfObject.get(name)!)
      deps.log.warn({ object: name, code }, 'a container could not be removed; the run tries again')
    }
  }
  return incomplete
}

/** @returns the containers that could not be removed, each with the code of its error */
async function removeContainers(
  { store }: Deps,
  location: PartLocation,
  names: readonly string[],
): Promise<Map<string, string>> {
  let archive: Archive
  try {
    archive = archiveAt(store, location)
  } catch (error) {
    return new Map(names.map(name => [name, codeOf(error) ?? 'unknown']))
  }
  const failed = await archive.removeAll(names)
  return new Map([...failed].map(([name, { code }]) => [name, code]))
}

/**
 * Destroys the keys of a part that are filed under another day than its recording's, on every mirror.
 *
 * @returns false if a store refused
 */
async function destroyMisplacedKeys({ keyStore, log }: Deps, part: PartId): Promise<boolean> {
  try {
    for (let ref = await keyStore.find(part); ref; ref = await keyStore.find(part))
      await keyStore.destroy(ref)
    return true
  } catch (error) {
    log.warn({ part, code: codeOf(error) }, 'a key could not be destroyed; the run tries again')
    return false
  }
}
