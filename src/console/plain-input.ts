import { Refusal } from './problem.js'

/** Deepest nesting of a body: a line has four levels. Deeper ones would exhaust the stack. */
const MAX_DEPTH = 32

/**
 * Refuses input that the console cannot process: the character U+0000, which PostgreSQL does not store, and bodies
 * nested too deeply.
 *
 * @param inputs body, query and parameters as they were parsed
 * @throws Refusal that names the field
 */
export function requirePlainInput(...inputs: unknown[]): void {
  let level = inputs.map(value => ({ path: '', value }))
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new Refusal(400, `The body has more than ${MAX_DEPTH} levels.`)
    const next: typeof level = []
    for (const { path, value } of level) {
      if (typeof value === 'string') requireNoNul(value, path)
      if (typeof value !== 'object' || value === null) continue
      for (const [key, one] of Object.entries(value)) {
        requireNoNul(key, path)
        next.push({ path: `${path}/${key}`, value: one })
      }
    }
    level = next
  }
}

function requireNoNul(text: string, path: string): void {
  if (text.includes('\0'))
    throw new Refusal(
      400,
      `${path || 'A name of a field'} has the character U+0000, which no field may hold.`,
    )
}
