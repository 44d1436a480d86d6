/**
 * The rows of tables that a test file shows: the comments of its TAP that begin and end with a bar.
 *
 * @param {string} tap
 * @returns {string[]} in the order of the file
 */
export const tableRows = tap => [...tap.matchAll(/^ *# (\|.*\|)$/gm)].map(([, row]) => row)

/**
 * Joins rows of several files into one table with columns of one width. What several files show in the same words, such as the head, is
 * shown once.
 *
 * @param {string[]} rows as {@link tableRows} gives them
 * @returns {string[]}
 */
export function alignRows(rows) {
  const cells = [...new Set(rows)].map(row =>
    row
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
  const widths = []
  for (const row of cells)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return cells.map(row => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`)
}
