import { codeOf } from '../shared/errors.js'
import type { PartId, RecordingId } from '../shared/ids.js'
import { inParallel } from '../shared/lane.js'
import type { KeyRef } from '../vault/keys/key-store.js'
import type { DestroyDeps } from './deps.js'
import type { Marked } from './mark.js'

/** Keys looked for at once, where they do not stand where they should. */
const WIDTH = 16

type Deps = Pick<DestroyDeps, 'keyStore' | 'store' | 'log'>

/**
 * Destroys the keys of recordings, on every mirror, and then their containers. Every step repeats harmlessly.
 *
 * @returns recordings of which something is left, because a store refused
 */
export async function removeAudio(deps: Deps, marked: readonly Marked[]): Promise<Set<RecordingId>> {
  const left = new Set<RecordingId>()
  const owners = new Map<PartId, RecordingId>()
  const refs: KeyRef[] = []
  for (const { id, purpose, due, parts } of marked) {
    for (const part of parts) {
      owners.set(part.id, id)
      refs.push({ purpose, due, part: part.id })
    }
  }
  const { absent, failed } = await deps.keyStore.destroyAll(refs)
  for (const [{ part }, error] of failed) {
    left.add(owners.get(part)!)
    deps.log.warn({ part, code: error.code }, 'a key could not be destroyed')
  }
  await inParallel(absent, WIDTH, async ({ part }) => {
    if (!(await destroyElsewhere(deps, part))) left.add(owners.get(part)!)
  })

  // What can still be opened keeps its container: so that it is found as a whole, and not as a key without one.
  const objects = new Map(
    marked.flatMap(({ id, parts }) => (left.has(id) ? [] : parts.map(({ object }) => [object, id] as const))),
  )
  for (const [name, error] of await deps.store.removeAll([...objects.keys()])) {
    left.add(objects.get(name)!)
    deps.log.warn({ object: name, code: error.code }, 'a container could not be removed')
  }
  return left
}

/** A key may stand under another day than its recording's: also there, and on any mirror, it is destroyed. */
async function destroyElsewhere({ keyStore, log }: Deps, part: PartId): Promise<boolean> {
  try {
    for (let ref = await keyStore.find(part); ref; ref = await keyStore.find(part))
      await keyStore.destroy(ref)
    return true
  } catch (error) {
    log.warn({ part, code: codeOf(error) }, 'a key could not be destroyed')
    return false
  }
}
