/** Names from the process to the innermost function, and how often they were met like this. */
export type Stacks = Map<string, number>

/** Between the names of one stack. */
export const SEPARATOR = ';'

/**
 * Counts the stacks in what `perf script -F pid,ip,sym,dso` prints: for each sample a line with the process, then a line
 * for each function, the innermost first, then an empty one. What has no symbol goes by the name of its file.
 *
 * @param names of the processes that are meant; others do not count
 */
export function countStacks(script: string, names: ReadonlyMap<number, string>): Stacks {
  const stacks: Stacks = new Map()
  for (const sample of script.split(/\n\n+/)) {
    const [head = '', ...lines] = sample.split('\n').filter(line => line.trim() !== '')
    const name = names.get(Number(head.trim()))
    if (name === undefined) continue
    const frames = lines.map(frameOf).reverse()
    const distinct = frames.filter((frame, i) => frame !== frames[i - 1])
    const stack = [name, ...distinct].join(SEPARATOR)
    stacks.set(stack, (stacks.get(stack) ?? 0) + 1)
  }
  return stacks
}

/** Where the kernel believes code that was compiled while it ran: in our case, what Node made of JavaScript. */
const COMPILED = /\/perf-\d+\.map$/

function frameOf(line: string): string {
  const [, symbol = '', file = ''] = /^\s*[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? []
  if (COMPILED.test(file)) return 'JavaScript'
  const name = symbol === '[unknown]' || symbol === '' ? `[${file.split('/').at(-1)}]` : symbol
  return name.replaceAll(SEPARATOR, ':').replace(/@@?[A-Z]+_[\d.]+$/, '')
}
