import Table from 'cli-table3'
import pc from 'picocolors'

/** A plain table for a terminal, with a bold head. It ends in a newline. */
export function table(head: string[], rows: string[][]): string {
  const lines = new Table({
    head: head.map(word => pc.bold(word)),
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  lines.push(...rows)
  return `${lines.toString()}\n`
}
