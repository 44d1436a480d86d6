import { AppError } from '../../core/errors.js'
import type { PartLocation } from '../../core/part-location.js'
import type { Archive } from './types.js'

/**
 * Returns the archive in which a part lies.
 *
 * @param archive the one archive of this installation
 * @throws AppError `store.unwritable` if the part lies in another one. Then it is neither missing nor removed.
 */
export function archiveAt(archive: Archive, location: PartLocation): Archive {
  if (location === archive.location) return archive
  throw new AppError(
    'store.unwritable',
    `the container is in the store "${location}", which this installation does not have`,
  )
}
