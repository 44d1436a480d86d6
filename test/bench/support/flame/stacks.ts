/** Number of samples of each stack. A stack is the names from the process to the innermost function. */
export type Stacks = Map<string, number>

/** Between the names of one stack. */
export const SEPARATOR = ';'

/**
 * Counts the stacks in the output of `perf script -F pid,ip,sym,dso`. Each sample has a line with the process, a line for each
 * function, the innermost first, and an empty line. A function without a symbol gets the name of its file.
 *
 * @param names name of each process that counts, by its id
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

/** File name under which `perf` reports code that was compiled at run time: here JavaScript. */
const COMPILED = /\/perf-\d+\.map$/

function frameOf(line: string): string {
  const [, symbol = '', file = ''] = /^\s*[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? []
  if (COMPILED.test(file)) return 'JavaScript'
  const name = symbol === '[unknown]' || symbol === '' ? `[${file.split('/').at(-1)}]` : symbol
  return name.replaceAll(SEPARATOR, ':').replace(/@@?[A-Z]+_[\d.]+$/, '')
}
