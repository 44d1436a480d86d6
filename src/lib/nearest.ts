/** Largest difference from a misspelt name, as a fraction of the longer name's length. */
const MAX_DIFFERENCE = 0.4

/** The name that is most similar to a misspelt one; undefined if none is similar. */
export function nearestName(misspelt: string, names: Iterable<string>): string | undefined {
  let best: { name: string; edits: number } | undefined
  for (const name of names) {
    const edits = editsBetween(misspelt, name)
    if (edits > MAX_DIFFERENCE * Math.max(misspelt.length, name.length)) continue
    if (!best || edits < best.edits) best = { name, edits }
  }
  return best?.name
}

/** Fewest insertions, deletions, replacements and swaps of neighbouring letters (optimal string alignment distance). */
function editsBetween(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const exchanged = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, exchanged, swapped ? before[j - 2]! + 1 : exchanged)
    }
    before = row
    row = next
  }
  return row[b.length]!
}
