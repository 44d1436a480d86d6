import type { LinePolicy } from '../../core/policy.js'
import { isTree, type Tree } from '../inherit.js'
import { type Difference, lineDifferences } from '../line-differences.js'

/** A field that a draft and the line in force have both changed, each to another value. */
export interface MergeConflict {
  /** Path of the field, such as `purposes.service.retentionDays`. */
  field: string
  /** The draft's value, which stays. */
  draft: unknown
  /** The value in force. */
  inForce: unknown
}

/** Path of the order of purposes, which counts as a field. */
const ORDER = 'purposes.order'

/**
 * Copies into a draft the changes of a line since the version on which the draft was begun. A field is changed if the
 * draft still has that version's value. A field that the draft does not have is inherited, and stays so.
 *
 * @param input the draft as it was typed; anything but an object has no fields to change
 * @param before the version on which it was begun; undefined if the number was not a line
 */
export function mergeChanges(
  input: unknown,
  before: LinePolicy | undefined,
  inForce: LinePolicy,
): { input: unknown; conflicts: MergeConflict[] } {
  if (!isTree(input) || !before) return { input, conflicts: [] }
  const merged = named(input)
  if (!merged) return { input, conflicts: [] }
  const conflicts: MergeConflict[] = []
  for (const difference of lineDifferences(before, inForce)) {
    const own = valueAt(merged, difference.field)
    if (own === difference.before) setAt(merged, difference.field, difference.after)
    else if (own !== undefined && own !== difference.after) conflicts.push(conflictOf(difference, own))
  }
  return { input: listed(merged), conflicts }
}

const conflictOf = ({ field, after }: Difference, draft: unknown): MergeConflict => ({
  ...{ field, draft, inForce: after ?? null },
})

/** The line with its purposes by name. @returns undefined if its purposes have no names, or one twice */
function named(input: Tree): Tree | undefined {
  const copy = structuredClone(input)
  const { purposes } = copy
  if (purposes === undefined) return copy
  if (!Array.isArray(purposes)) return undefined
  const names = purposes.map((one: unknown) => (isTree(one) ? one['purpose'] : undefined))
  // A purpose of this name would be confused with the order.
  if (names.includes('order')) return undefined
  if (new Set(names).size < names.length || !names.every(name => typeof name === 'string')) return undefined
  const byName = Object.fromEntries(
    (purposes as Tree[]).map(({ purpose, ...policy }) => [String(purpose), policy] as const),
  )
  return { ...copy, purposes: { ...byName, order: names.join(', ') } }
}

function listed(merged: Tree): Tree {
  const { purposes } = merged
  if (!isTree(purposes)) return merged
  const { order, ...byName } = purposes
  const names = String(order ?? '')
    .split(', ')
    .filter(Boolean)
  return {
    ...merged,
    purposes: names.map(purpose => ({ purpose, ...((byName[purpose] as Tree | undefined) ?? {}) })),
  }
}

function valueAt(tree: Tree, path: string): unknown {
  let value: unknown = tree
  for (const name of path.split('.'))
    value = isTree(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

function setAt(tree: Tree, path: string, value: unknown): void {
  // A draft without purposes inherits them.
  if (path.startsWith('purposes.') && path !== ORDER && !isTree(tree['purposes'])) return
  const steps = path.split('.')
  const last = steps.pop()!
  let place = tree
  for (const name of steps) {
    if (!isTree(place[name])) place[name] = {}
    place = place[name] as Tree
  }
  if (value === undefined) delete place[last]
  else place[last] = value
}
