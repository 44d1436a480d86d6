import { codeOf } from '../shared/errors.js'
import type { ObjectSource, ObjectStore } from '../vault/store/store.js'

/**
 * @returns undefined if the store does not have it
 * @throws AppError `store.unwritable` if the store is not there: then it says nothing of what it has
 */
export async function openStored(store: ObjectStore, object: string): Promise<ObjectSource | undefined> {
  try {
    return await store.open(object)
  } catch (error) {
    if (codeOf(error) === 'store.unwritable') throw error
    return undefined
  }
}
