import { AppError } from '../../core/errors.js'
import type { Marking } from '../../lib/files/marking.js'
import { folderOfUrl, storageLocations } from '../storage-setting.js'
import { openDiskStore } from './disk-store.js'
import { StoreByPurpose } from './store-by-purpose.js'
import type { ObjectStore } from './types.js'

export type { AppendStore, Archive, ObjectSource, ObjectStore, ObjectWriter } from './types.js'

/** Name of the setting, for messages. */
const SETTING = 'CONSENTRY_STORE'

/**
 * Opens the store of containers.
 *
 * @param locations value of `CONSENTRY_STORE`: `file:/path`, or one for each purpose, `service=file:/a marketing=file:/b`
 * @param marking how the right volumes are recognised, as in `Volume.open`
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openStore(locations: string, marking?: Marking): Promise<ObjectStore> {
  const stores = new Map<string, ObjectStore>()
  for (const { purpose, url: where } of storageLocations(locations, SETTING)) {
    const store = await openLocation(where, marking)
    if (purpose === null) return store
    stores.set(purpose, store)
  }
  return new StoreByPurpose(stores, SETTING)
}

async function openLocation(url: string, marking?: Marking): Promise<ObjectStore> {
  if (url.startsWith('s3:'))
    throw new AppError('config.invalid', `${SETTING}: s3 is not supported yet, write file:/absolute/path`)
  return openDiskStore(folderOfUrl(url, SETTING), marking)
}
