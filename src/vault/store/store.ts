import { AppError } from '../../shared/errors.js'
import { folderOf } from '../file-url.js'
import { openDiskStore } from './disk-store.js'
import type { ObjectStore } from './types.js'

export type { ObjectSource, ObjectStore, ObjectWriter } from './types.js'

/**
 * Opens the store of sealed recordings.
 *
 * @param url `file:/path`
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openStore(url: string): Promise<ObjectStore> {
  if (url.startsWith('s3:'))
    throw new AppError('config.invalid', 'CONSENTRY_STORE: s3 is not supported yet; give file:/absolute/path')
  return openDiskStore(folderOf(url, 'CONSENTRY_STORE'))
}
