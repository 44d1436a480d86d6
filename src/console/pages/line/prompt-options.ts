import { promptsForField, roleOf } from '../../../operations/lines/spoken-words.js'
import type { Words } from '../words/words.js'

/** The prompts that a field may have: those that can stand there, and the one that it has. Those that somebody made are marked. */
export function promptOptions(
  names: readonly string[],
  { field, value }: { field: string; value: unknown },
  { edit }: Words,
): Record<string, string> {
  const fitting = promptsForField(names, field)
  // It may be gone. A form without it would replace it unseen.
  const present = typeof value === 'string' && value !== '' && !fitting.includes(value) ? [value] : []
  return Object.fromEntries(
    [...present, ...fitting].map(name => [name, roleOf(name) === undefined ? edit.ownPrompt(name) : name]),
  )
}
