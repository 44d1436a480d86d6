import { join } from 'node:path'
import { AppError } from '../../shared/errors.js'
import { isUuid, type PartId } from '../../shared/ids.js'
import type { KeyRef } from './types.js'

const slug = /^[a-z0-9][a-z0-9-]{0,63}$/
const day = /^\d{4}-\d{2}-\d{2}$/

/** Whether a text may be the name of a purpose's folder. */
export const isPurpose = (text: string): boolean => slug.test(text)

/** Whether a text may be the name of a day's folder. */
export const isDay = (text: string): boolean => day.test(text) && !Number.isNaN(Date.parse(text))

/** Whether a text may be the name of a key file. */
export const isPart = (text: string): text is PartId => isUuid(text)

/**
 * The path of a key file. Whatever a reference holds, the path lies within the folder.
 *
 * @throws AppError `key.refused` if purpose, day or part is not of its form
 */
export function keyPath(folder: string, { purpose, due, part }: KeyRef): string {
  if (!isPurpose(purpose) || !isDay(due) || !isPart(part))
    throw new AppError('key.refused', 'a key file is named by purpose, day (YYYY-MM-DD) and part id')
  return join(folder, purpose, due, part)
}
