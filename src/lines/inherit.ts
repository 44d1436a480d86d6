import { type Difference, differencesOf, fieldsOf } from './line-differences.js'
import { isTree, type Tree } from './tree.js'
import type { GroupFields, Line } from './validate.js'

export { isTree, type Tree } from './tree.js'

/** The origin of a field's value: the line itself, its group, or the default of lines. */
export type FieldSource = 'line' | 'group' | 'default'

/**
 * Completes a line as an admin wrote it with the fields of its group. A field that the line states stays. If the line
 * names purposes, it has only these, each completed with the group's purpose of the same name.
 *
 * @param own parsed JSON, unchecked; a value of another form than a line is left as it is, for `checkLine` to refuse
 */
export function inherit(own: Tree, group: GroupFields): Tree {
  const { keys, voice, purposes, ...rest } = group
  return {
    ...rest,
    ...(keys && { keys }),
    ...(voice && { voice }),
    ...(purposes && { purposes }),
    ...own,
    ...(isTree(own['keys']) && keys && { keys: { ...keys, ...own['keys'] } }),
    ...(isTree(own['voice']) && voice && { voice: inheritVoice(own['voice'], voice) }),
    ...(Array.isArray(own['purposes']) && {
      purposes: own['purposes'].map((one: unknown) => inheritPurpose(one, purposes ?? [])),
    }),
  }
}

function inheritVoice(own: Tree, shared: NonNullable<GroupFields['voice']>): Tree {
  const kept = own['keepAnswer']
  const keepAnswer = isTree(kept) && shared.keepAnswer && { keepAnswer: { ...shared.keepAnswer, ...kept } }
  return { ...shared, ...own, ...keepAnswer }
}

function inheritPurpose(own: unknown, shared: NonNullable<GroupFields['purposes']>): unknown {
  const found = isTree(own) && shared.find(({ purpose }) => purpose === own['purpose'])
  if (!found || !isTree(own)) return own
  const prompts = isTree(own['prompts']) && { prompts: { ...found.prompts, ...own['prompts'] } }
  return { ...found, ...own, ...prompts }
}

/** Paths of the fields that a line states, of the form of `fieldsOf`. @param own a line whose completed form is valid */
export const statedFields = (own: Tree): string[] => [...stated(own).keys()].sort()

/** The origin of each field of a line. */
export function sourcesOf(
  line: Line,
  statedPaths: readonly string[],
  group: GroupFields | undefined,
): Map<string, FieldSource> {
  const shared = group ? stated(group) : new Map<string, unknown>()
  const source = (path: string): FieldSource => {
    if (statedPaths.includes(path)) return 'line'
    return shared.has(path) ? 'group' : 'default'
  }
  return new Map([...fieldsOf(line).keys()].map(path => [path, source(path)]))
}

/** Paths of the fields that a group shares, of the form of `fieldsOf`. */
export const sharedFields = (group: GroupFields): Set<string> => new Set(stated(group).keys())

/** The fields in which two versions of a group differ. A field that the group does not state has no value. */
export const groupDifferences = (before: GroupFields, after: GroupFields): Difference[] =>
  differencesOf(stated(before), stated(after))

const stated = (own: object): Map<string, unknown> => {
  const { purposes } = own as Partial<Pick<Line, 'purposes'>>
  const fields = fieldsOf({ ...own, purposes: purposes ?? [] })
  if (!purposes) fields.delete('purposes.order')
  return fields
}

/**
 * The fields that a line states itself: its values at these paths. The reverse of `statedFields`, so that the line can
 * be completed again when its group changes.
 */
export function statedPart(line: Line, paths: readonly string[]): Tree {
  const has = (path: string) => paths.some(one => one === path || one.startsWith(`${path}.`))
  const pick = (value: object, path: string): Tree =>
    Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
        const here = path ? `${path}.${name}` : name
        if (!has(here)) return []
        return [[name, isTree(inner) ? pick(inner, here) : inner]]
      }),
    )
  const { number, purposes, ...rest } = line
  const own = purposes.map(({ purpose, ...policy }) => ({ purpose, ...pick(policy, `purposes.${purpose}`) }))
  return { number, ...pick(rest, ''), ...(has('purposes') && { purposes: own }) }
}
