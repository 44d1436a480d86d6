/** One member of a document that differs from the log. */
export interface Difference {
  /** Path of the member, such as `statement.answers[0].answer`. */
  where: string
  what: string
}

/** All members in which `actual` differs from `expected`, both parsed JSON. @param where path of `actual` */
export function differences(actual: unknown, expected: unknown, where: string): Difference[] {
  if (actual === expected) return []
  if (isTree(actual) && isTree(expected) && Array.isArray(actual) === Array.isArray(expected)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...names].flatMap(name => {
      const at = Array.isArray(expected) ? `${where}[${name}]` : `${where}.${name}`
      return differences(ownMember(actual, name), ownMember(expected, name), at)
    })
  }
  return [{ where, what: `it says ${shorten(actual)}, the log says ${shorten(expected)}` }]
}

type Tree = Record<string, unknown>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** Own members only, because a file may have a member `toString`. */
const ownMember = (tree: Tree, name: string): unknown => (Object.hasOwn(tree, name) ? tree[name] : undefined)

function shorten(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** The first difference of two texts, as line and column from 1. Undefined if they are equal. */
export function firstDifference(actual: string, expected: string): string | undefined {
  if (actual === expected) return undefined
  let at = 0
  while (actual[at] === expected[at]) at++
  const lines = actual.slice(0, at).split('\n')
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
}
