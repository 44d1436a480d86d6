/** Names from the process to the innermost function, and how often they were met like this. */
export type Stacks = Map<string, number>

/** Between the names of one stack. */
export const SEPARATOR = ';'

/** The kernel's name for having nothing to do. */
const IDLE_PID = 0

/**
 * Counts the stacks in what `perf script -F pid,ip,sym,dso` prints: for each sample a line with the process, then a line
 * for each function, the innermost first, then an empty one. What has no symbol goes by the name of its file.
 *
 * @param names of the processes that are meant; all others are one
 */
export function countStacks(script: string, names: ReadonlyMap<number, string>, others: string): Stacks {
  const stacks: Stacks = new Map()
  for (const sample of script.split(/\n\n+/)) {
    const [head = '', ...lines] = sample.split('\n').filter(line => line.trim() !== '')
    const pid = Number(head.trim())
    if (head === '' || pid === IDLE_PID) continue
    const frames = lines.map(frameOf).reverse()
    const distinct = frames.filter((frame, i) => frame !== frames[i - 1])
    const stack = [names.get(pid) ?? others, ...distinct].join(SEPARATOR)
    stacks.set(stack, (stacks.get(stack) ?? 0) + 1)
  }
  return stacks
}

function frameOf(line: string): string {
  const [, symbol = '', file = ''] = /^\s*[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? []
  const name = symbol === '[unknown]' || symbol === '' ? `[${file.split('/').at(-1)}]` : symbol
  return name.replaceAll(SEPARATOR, ':').replace(/@@?[A-Z]+_[\d.]+$/, '')
}
