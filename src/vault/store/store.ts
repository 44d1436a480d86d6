import { AppError } from '../../shared/errors.js'
import { folderOf, placesOf } from '../file-url.js'
import { openDiskStore } from './disk-store.js'
import { PlacedStore } from './placed-store.js'
import type { ObjectStore } from './types.js'

export type { ObjectSource, ObjectStore, ObjectWriter } from './types.js'

/** Names the setting in messages. */
const SETTING = 'CONSENTRY_STORE'

/**
 * Opens the store of sealed recordings.
 *
 * @param places `file:/path`, or one for each purpose: `service=file:/a marketing=file:/b`
 * @param memory file in which this machine remembers the folders, so that it knows one whose volume is not mounted
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openStore(places: string, memory?: string): Promise<ObjectStore> {
  const named = new Map<string, ObjectStore>()
  for (const { purpose, where } of placesOf(places, SETTING)) {
    const store = await openPlace(where, memory)
    if (purpose === null) return store
    named.set(purpose, store)
  }
  return new PlacedStore(named, SETTING)
}

async function openPlace(url: string, memory?: string): Promise<ObjectStore> {
  if (url.startsWith('s3:'))
    throw new AppError('config.invalid', `${SETTING}: s3 is not supported yet; give file:/absolute/path`)
  return openDiskStore(folderOf(url, SETTING), memory)
}
