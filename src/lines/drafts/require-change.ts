import { AppError } from '../../core/errors.js'
import { text } from '../../core/message.js'
import type { Db } from '../../db/database.js'
import type { Draft } from '../draft-rows.js'
import { lineDifferences } from '../line-differences.js'
import { findOrigins } from '../line-rows.js'
import type { ReadLine } from '../read-line.js'

/**
 * Refuses a draft that is equal to the line in force: a new version would change nothing for callers, and make the line's other drafts
 * outdated.
 *
 * @throws AppError `request.invalid`
 */
export async function requireChange(db: Db, { line, base }: Draft, read: ReadLine): Promise<void> {
  if (await changesNothing(db, line, read))
    throw new AppError(
      'request.invalid',
      text`This draft changes nothing yet: it is equal to version ${base} of line ${line}, which is in force.`,
    )
}

/** True if a line equals the one in force: its values, and the groups from which they come. */
export async function changesNothing(
  db: Db,
  number: string,
  { line, stated, group }: ReadLine,
): Promise<boolean> {
  const [inForce] = await findOrigins(db, { number })
  if (!inForce) return false
  const { policy, group: from } = inForce
  if (lineDifferences(policy, { ...line, version: policy.version }).length > 0) return false
  if (group?.name !== from?.name) return false
  // Without a group it does not matter whether a value is stated or is the default.
  return !group || stated.join() === inForce.stated.join()
}
