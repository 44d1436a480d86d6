import { promptsForField, roleOf } from '../../../lines/spoken-words.js'
import type { Words } from '../words/words.js'

/** The prompts that a field may have: all suitable ones, and the present one. Prompts made by people are marked. */
export function promptOptions(
  names: readonly string[],
  { field, value }: { field: string; value: unknown },
  { edit }: Words,
): Record<string, string> {
  const fitting = promptsForField(names, field)
  // The present prompt may not exist any more. A form without it would replace it unnoticed.
  const present = typeof value === 'string' && value !== '' && !fitting.includes(value) ? [value] : []
  return Object.fromEntries(
    [...present, ...fitting].map(name => [name, roleOf(name) === undefined ? edit.ownPrompt(name) : name]),
  )
}
