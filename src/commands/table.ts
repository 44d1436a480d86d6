import Table from 'cli-table3'
import pc from 'picocolors'

/**
 * A plain table for a terminal, with a bold head. It ends in a newline.
 *
 * @param none the sentence in place of a table without rows
 */
export function table(head: string[], rows: string[][], none?: string): string {
  if (rows.length === 0 && none !== undefined) return `${none}\n`
  const lines = new Table({
    head: head.map(word => pc.bold(word)),
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  lines.push(...rows)
  return `${lines.toString()}\n`
}

/** Columns of the bar on a terminal. */
const BAR = 30

/** Shows progress as a bar on a terminal. Prints nothing if standard error is not a terminal. */
export const showProgress =
  (what: string) =>
  (done: number, of: number): void => {
    if (!process.stderr.isTTY || of === 0) return
    const full = Math.round((done / of) * BAR)
    const bar = '█'.repeat(full).padEnd(BAR, '░')
    process.stderr.write(`\r${bar} ${what} ${done}/${of}${done === of ? '\n' : ''}`)
  }
