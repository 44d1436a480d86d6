import { codeOf } from '../shared/errors.js'
import type { PartId, RecordingId } from '../shared/ids.js'
import { inParallel } from '../shared/in-parallel.js'
import type { KeyRef } from '../vault/keys/key-store.js'
import type { DestroyDeps } from './types.js'
import type { ActRecording } from './assign-to-act.js'

/** Keys looked for at once, where they do not stand where they should. */
const CONCURRENT_SEARCHES = 16

type Deps = Pick<DestroyDeps, 'keyStore' | 'store' | 'log'>

/**
 * Destroys the keys of recordings, on every mirror, and then their containers. Every step repeats harmlessly.
 *
 * @returns recordings of which something is left, because a store refused
 */
export async function removeAudio(deps: Deps, marked: readonly ActRecording[]): Promise<Set<RecordingId>> {
  const incomplete = new Set<RecordingId>()
  const recordingOfPart = new Map<PartId, RecordingId>()
  const refs: KeyRef[] = []
  for (const { id, purpose, due, parts } of marked) {
    for (const part of parts) {
      recordingOfPart.set(part.id, id)
      refs.push({ purpose, due, part: part.id })
    }
  }
  const { absent, failed } = await deps.keyStore.destroyAll(refs)
  for (const [{ part }, error] of failed) {
    incomplete.add(recordingOfPart.get(part)!)
    deps.log.warn({ part, code: error.code }, 'a key could not be destroyed')
  }
  await inParallel(absent, CONCURRENT_SEARCHES, async ({ part }) => {
    if (!(await destroyMisplacedKeys(deps, part))) incomplete.add(recordingOfPart.get(part)!)
  })

  // What can still be opened keeps its container: so that it is found as a whole, and not as a key without one.
  const recordingOfObject = new Map(
    marked.flatMap(({ id, parts }) => (incomplete.has(id) ? [] : parts.map(({ object }) => [object, id] as const))),
  )
  for (const [name, error] of await deps.store.removeAll([...recordingOfObject.keys()])) {
    incomplete.add(recordingOfObject.get(name)!)
    deps.log.warn({ object: name, code: error.code }, 'a container could not be removed')
  }
  return incomplete
}

/** A key may stand under another day than its recording's: also there, and on any mirror, it is destroyed. */
async function destroyMisplacedKeys({ keyStore, log }: Deps, part: PartId): Promise<boolean> {
  try {
    for (let ref = await keyStore.find(part); ref; ref = await keyStore.find(part))
      await keyStore.destroy(ref)
    return true
  } catch (error) {
    log.warn({ part, code: codeOf(error) }, 'a key could not be destroyed')
    return false
  }
}
