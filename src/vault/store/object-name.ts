import { dayOf } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { PartId } from '../../core/ids.js'
import type { PartLocation } from '../../core/part-location.js'
import type { Archive } from './types.js'

const form =
  /^[a-z0-9][a-z0-9-]{0,63}\/\d{4}\/\d{2}\/\d{2}\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.ctry$/

const folder = /^[a-z0-9][a-z0-9-]{0,63}$/

/** Whether a text may be the name of a folder in the name of an object: a purpose, a year, a month or a day. */
export const isFolderName = (text: string): boolean => folder.test(text)

/** Whether a text is the name of an object. A path made from such a name is always inside the store. */
export const isObjectName = (name: string): boolean => form.test(name)

/**
 * Returns the name of a part's container.
 *
 * @param startedAt ms since the epoch; the name has the day in UTC
 * @throws AppError `container.invalid` if the purpose is not a slug
 */
export function objectName(purpose: string, startedAt: number, part: PartId): string {
  const name = `${purpose}/${dayOf(startedAt).replaceAll('-', '/')}/${part}.ctry`
  return checkedName(name)
}

/** Returns the name itself. @throws AppError `container.invalid` if it is not the name of an object */
export function checkedName(name: string): string {
  if (isObjectName(name)) return name
  throw new AppError(
    'container.invalid',
    'the name of an object must be <purpose>/<YYYY>/<MM>/<DD>/<part id>.ctry',
  )
}

/** Returns the purpose in the name of an object. */
export const purposeOf = (name: string): string => name.slice(0, name.indexOf('/'))

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
