import type { LinePolicy } from '../core/policy.js'

/** The value of one field of a line, before and after a change. */
export interface Difference {
  /** Path of the field, such as `keys.yes` or `purposes.service.retentionDays`. */
  field: string
  /** Undefined if the field had no value. */
  before?: unknown
  /** Undefined if the field has no value any more. */
  after?: unknown
}

/** Fields that differ in every version. */
const OWN = ['number', 'version']

/** The fields in which two versions of a line differ, in the order of their names. Purposes are compared by name. */
export function lineDifferences(before: LinePolicy, after: LinePolicy): Difference[] {
  return differencesOf(fieldsOf(before), fieldsOf(after))
}

/** The fields in which two sets of values differ, each by its path, in the order of their names. */
export function differencesOf(
  old: ReadonlyMap<string, unknown>,
  fresh: ReadonlyMap<string, unknown>,
): Difference[] {
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  return names
    .filter(field => old.get(field) !== fresh.get(field))
    .map(field => ({
      field,
      ...(old.has(field) && { before: old.get(field) }),
      ...(fresh.has(field) && { after: fresh.get(field) }),
    }))
}

/**
 * The values of a line that are not objects, by path. Purposes and languages are named:
 * `purposes.service.retentionDays`, `languages.ru`.
 */
export function fieldsOf({
  purposes,
  languages,
  ...rest
}: Pick<LinePolicy, 'purposes' | 'languages'>): Map<string, unknown> {
  const named = Object.fromEntries(purposes.map(({ purpose, ...policy }) => [purpose, policy]))
  const order = purposes.map(({ purpose }) => purpose).join(', ')
  const offered = languages && {
    languages: {
      ...Object.fromEntries(languages.map(({ language, key }) => [language, key])),
      order: languages.map(({ language }) => language).join(', '),
    },
  }
  return new Map(
    leavesOf({ ...rest, ...offered, purposes: { ...named, order } }).filter(([path]) => !OWN.includes(path)),
  )
}

/** The values that are not objects, by path. */
const leavesOf = (value: object, path = ''): [string, unknown][] =>
  Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const here = path ? `${path}.${name}` : name
    return typeof inner === 'object' && inner !== null ? leavesOf(inner, here) : [[here, inner]]
  })
