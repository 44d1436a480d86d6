import { AppError } from '../core/errors.js'
import { messageOf, text } from '../core/message.js'
import type { Db } from '../db/database.js'
import { findGroup } from './group-rows.js'
import { inherit, isTree, statedFields } from './inherit.js'
import { checkLine, faultText, type Line, type LineFault } from './validate.js'

/** A checked line, with the paths of its own fields. */
export interface ReadLine {
  line: Line
  stated: string[]
  /** The group from which it inherits the others. */
  group?: { name: string; version: number }
}

/** True if a line as an administrator wrote it inherits from a group. */
export const namesGroup = (input: unknown): boolean => isTree(input) && input['group'] !== undefined

/**
 * Reads a line as an admin wrote it, and completes it with the fields of its group.
 *
 * @param input parsed JSON, unchecked
 * @returns the line, or all its faults
 */
export async function tryReadLine(
  db: Db,
  input: unknown,
): Promise<{ read: ReadLine; faults: [] } | { read: undefined; faults: LineFault[] }> {
  if (!isTree(input)) return { read: undefined, faults: checkLine(input).faults }
  const { group: name, ...own } = input
  const group = typeof name === 'string' ? await findGroup(db, name) : undefined
  const { line, faults } = checkLine(group ? inherit(own, group.fields) : own)
  if (name !== undefined && !group)
    return { read: undefined, faults: [{ path: ['group'], text: NO_GROUP }, ...faults] }
  if (!line) return { read: undefined, faults }
  const origin = group && { group: { name: group.name, version: group.version } }
  return { read: { line, stated: statedFields(own), ...origin }, faults: [] }
}

const NO_GROUP = messageOf('is no group: see consentry line group list')

/** As `tryReadLine`. @throws AppError `policy.invalid` */
export async function readLine(db: Db, input: unknown): Promise<ReadLine> {
  const { read, faults } = await tryReadLine(db, input)
  if (read) return read
  throw new AppError(
    'policy.invalid',
    text`The line's policy is not valid: ${{ list: faults.map(faultText), between: '; ' }}`,
  )
}
