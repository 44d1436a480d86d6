import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { isUuid, type PartId } from '../../core/ids.js'
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
 * Returns the path of a key file. The path is always inside the folder.
 *
 * @throws AppError `key.refused` if purpose, day or part has the wrong format
 */
export function keyPath(folder: string, { purpose, due, part }: KeyRef): string {
  if (!isPurpose(purpose) || !isDay(due) || !isPart(part))
    throw new AppError('key.refused', 'the path of a key file must be <purpose>/<YYYY-MM-DD>/<part id>')
  return join(folder, purpose, due, part)
}
