import { dayOf } from '../../shared/clock.js'
import { AppError } from '../../shared/errors.js'
import type { PartId } from '../../shared/ids.js'

const form =
  /^[a-z0-9][a-z0-9-]{0,63}\/\d{4}\/\d{2}\/\d{2}\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.ctry$/

/** Whether a text is the name of an object; such a name cannot lead out of the store. */
export const isObjectName = (name: string): boolean => form.test(name)

/**
 * The name of a part's container.
 *
 * @param startedAt ms since the epoch; its day in UTC
 * @throws AppError `container.invalid` if the purpose is no slug
 */
export function objectName(purpose: string, startedAt: number, part: PartId): string {
  const name = `${purpose}/${dayOf(startedAt).replaceAll('-', '/')}/${part}.ctry`
  return checkedName(name)
}

/** @throws AppError `container.invalid` if it is no object's name */
export function checkedName(name: string): string {
  if (isObjectName(name)) return name
  throw new AppError('container.invalid', 'an object is named <purpose>/<YYYY>/<MM>/<DD>/<part id>.ctry')
}

/** The purpose that an object's name says. */
export const purposeOf = (name: string): string => name.slice(0, name.indexOf('/'))
