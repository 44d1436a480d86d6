import type { LinePolicy } from '../core/policy.js'
import type { Db } from '../db/database.js'
import { fieldAt } from './fields/fields.js'
import { findGroup, groupVersions } from './group-rows.js'
import { type FieldSource, inherit, isTree, sharedFields, statedFields, type Tree } from './inherit.js'
import { fieldsOf } from './line-differences.js'
import { findOrigins } from './line-rows.js'
import type { GroupFields } from './validate.js'

/** The origin of a value. */
export interface FieldOrigin {
  source: FieldSource
  /** The origin that applies without the line's own value. Null: the line must state it. */
  below: 'group' | 'default' | null
}

/** The origins of the values of a line. */
export interface LineSources {
  /** The group from which the line inherits. */
  group: string | undefined
  /** By the path of the field, of the form of `fieldsOf`. */
  fields: ReadonlyMap<string, FieldOrigin>
}

/** True if lines have a default for the field at this path, of the form of `fieldsOf`. */
const hasDefault = (path: string): boolean => fieldAt(path.replace(/\.do$/, ''))?.usual !== undefined

function sourcesFrom(
  policy: Pick<LinePolicy, 'purposes'>,
  stated: readonly string[],
  shared: GroupFields | undefined,
): Map<string, FieldOrigin> {
  const ofGroup = shared ? [...sharedFields(shared)] : []
  // A line may refuse as a whole a value that its group states field by field.
  const shares = (path: string) => ofGroup.some(field => field === path || field.startsWith(`${path}.`))
  return new Map(
    [...fieldsOf(policy).keys()].map((path): [string, FieldOrigin] => {
      const below = shares(path) ? 'group' : hasDefault(path) ? 'default' : null
      const own = stated.includes(path) || below === null
      return [path, { source: own ? 'line' : below, below }]
    }),
  )
}

/** The origins of the values of the line in force. Undefined if the number is not a line. */
export async function sourcesOfLine(db: Db, number: string): Promise<LineSources | undefined> {
  const [origin] = await findOrigins(db, { number })
  if (!origin) return undefined
  const { policy, stated, group } = origin
  const shared =
    group && (await groupVersions(db, group.name)).find(({ version }) => version === group.version)
  return { group: group?.name, fields: sourcesFrom(policy, stated, shared?.fields) }
}

/**
 * The origins of the values of a draft.
 *
 * @param input as it was typed
 * @param policy as a page shows it: completed
 */
export async function sourcesOfDraft(db: Db, input: unknown, policy: LinePolicy): Promise<LineSources> {
  const { group: name, ...own } = isTree(input) ? input : {}
  const group = typeof name === 'string' ? await findGroup(db, name) : undefined
  return { group: group?.name, fields: sourcesFrom(policy, statedFields(readable(own)), group?.fields) }
}

/** The part of the input whose fields can be named. */
function readable({ purposes, ...rest }: Tree): Tree {
  if (!Array.isArray(purposes)) return rest
  return { ...rest, purposes: purposes.filter(one => isTree(one) && typeof one['purpose'] === 'string') }
}

/**
 * Removes values from a typed line, so that the line inherits them.
 *
 * @param paths of the form of `fieldsOf`
 */
export function withoutFields(input: unknown, paths: readonly string[]): Tree {
  const left: Tree = isTree(input) ? structuredClone(input) : {}
  for (const path of paths) {
    const [first = '', ...rest] = path.split('.')
    if (first !== 'purposes') {
      if (fieldAt(first)?.control === 'step') delete left[first]
      else removeAt(left, [first, ...rest])
    } else if (Array.isArray(left['purposes'])) {
      const [purpose, ...inner] = rest
      const found = left['purposes'].find(one => isTree(one) && one['purpose'] === purpose)
      if (found) removeAt(found as Tree, inner)
    }
  }
  return left
}

function removeAt(tree: Tree, [first = '', ...rest]: string[]): void {
  if (rest.length === 0) {
    delete tree[first]
    return
  }
  const inner = tree[first]
  // A refusal of the whole replaces its fields.
  if (inner === false) delete tree[first]
  if (!isTree(inner)) return
  removeAt(inner, rest)
  if (Object.keys(inner).length === 0) delete tree[first]
}

/** Removes all values that the draft's group shares. Purposes that equal those of the group are removed as a whole. */
export async function withoutShared(db: Db, input: unknown): Promise<Tree> {
  const name = isTree(input) ? input['group'] : undefined
  const group = typeof name === 'string' ? await findGroup(db, name) : undefined
  if (!group) return withoutFields(input, [])
  const left = withoutFields(input, [...sharedFields(group.fields)])
  const { purposes } = left
  const bare = Array.isArray(purposes) && purposes.every(one => isTree(one) && Object.keys(one).length === 1)
  const names = (list: readonly unknown[]) => list.map(one => (one as Tree)['purpose']).join()
  if (bare && names(purposes as unknown[]) === names(group.fields.purposes ?? [])) delete left['purposes']
  return left
}

/**
 * The line in its present state, with every value its own. A draft that leaves its group becomes this line.
 * @param own with a group
 */
export async function withAllFields(db: Db, input: unknown): Promise<Tree> {
  const { group: name, ...own } = isTree(input) ? input : {}
  const group = typeof name === 'string' ? await findGroup(db, name) : undefined
  return group ? inherit(own, group.fields) : own
}
