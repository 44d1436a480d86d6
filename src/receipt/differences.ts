/** One place where a document says other than it should. */
export interface Difference {
  /** Path of the member, `statement.answers[0].answer`. */
  where: string
  what: string
}

/** Every place where `said` differs from `meant`; both as JSON gives them. */
export function differences(said: unknown, meant: unknown, where: string): Difference[] {
  if (said === meant) return []
  if (isTree(said) && isTree(meant) && Array.isArray(said) === Array.isArray(meant)) {
    const names = new Set([...Object.keys(meant), ...Object.keys(said)])
    return [...names].flatMap(name => {
      const at = Array.isArray(meant) ? `${where}[${name}]` : `${where}.${name}`
      return differences(member(said, name), member(meant, name), at)
    })
  }
  return [{ where, what: `it says ${shown(said)}, the log says ${shown(meant)}` }]
}

type Tree = Record<string, unknown>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** Only what is its own: a file may name `toString`. */
const member = (tree: Tree, name: string): unknown => (Object.hasOwn(tree, name) ? tree[name] : undefined)

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** Where two texts part, as line and column from 1; undefined where they are equal. */
export function firstDifference(given: string, meant: string): string | undefined {
  if (given === meant) return undefined
  let at = 0
  while (given[at] === meant[at]) at++
  const lines = given.slice(0, at).split('\n')
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
}
