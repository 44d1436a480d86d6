import type { Marking } from '../../files/marking.js'
import { AppError } from '../../shared/errors.js'
import { folderOf, placesOf } from '../file-url.js'
import { openDiskStore } from './disk-store.js'
import { StoreByPurpose } from './store-by-purpose.js'
import type { ObjectStore } from './types.js'

export type { ObjectSource, ObjectStore, ObjectWriter } from './types.js'

/** Names the setting in messages. */
const SETTING = 'CONSENTRY_STORE'

/**
 * Opens the store of sealed recordings.
 *
 * @param places `file:/path`, or one for each purpose: `service=file:/a marketing=file:/b`
 * @param marking how the folders are known, so that none that is not mounted, and no other, is taken for one of them
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openStore(places: string, marking?: Marking): Promise<ObjectStore> {
  const named = new Map<string, ObjectStore>()
  for (const { purpose, url: where } of placesOf(places, SETTING)) {
    const store = await openPlace(where, marking)
    if (purpose === null) return store
    named.set(purpose, store)
  }
  return new StoreByPurpose(named, SETTING)
}

async function openPlace(url: string, marking?: Marking): Promise<ObjectStore> {
  if (url.startsWith('s3:'))
    throw new AppError('config.invalid', `${SETTING}: s3 is not supported yet; give file:/absolute/path`)
  return openDiskStore(folderOf(url, SETTING), marking)
}
