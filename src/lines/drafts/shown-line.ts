import type { LinePolicy } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import { inFormOfLine } from '../blank-line.js'
import { findGroup } from '../group-rows.js'
import { inherit, isTree, type Tree } from '../inherit.js'
import { checkLine } from '../validate.js'

/**
 * Completes a draft's line for a page with the fields of its group and the defaults. It may be invalid. Values of
 * another form than their field, such as words in place of a number, are left out.
 */
export async function shownLine(
  db: Db,
  { line: number, input }: { line: string; input: unknown },
): Promise<LinePolicy> {
  const { group: name, ...own } = isTree(input) ? input : {}
  const group = typeof name === 'string' ? await findGroup(db, name) : undefined
  const completed = { ...(group ? inherit(own, group.fields) : own), number }
  const { line } = checkLine(completed)
  if (line) return { ...line, version: 0 }
  return inFormOfLine(completed as Tree)
}
