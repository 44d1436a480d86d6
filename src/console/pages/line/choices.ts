import { languageOptions } from '../parts/language-options.js'
import type { Words } from '../words/words.js'
import { controlOf } from './fields.js'
import { hearingChoices } from './hearing.js'

/**
 * The values that a field may have, with their words.
 *
 * @param field path, such as `purposes.0.legalBasis`
 * @returns undefined for a field whose values are typed, are prompts, or have parts
 */
export function choicesOf(field: string, words: Words): Readonly<Record<string, string>> | undefined {
  const { edit } = words
  switch (controlOf(field)) {
    case 'language':
      return languageOptions(words)
    case 'mode':
      return edit.modes
    case 'withdrawal':
      return edit.withdrawals
    case 'outsider':
      return edit.outsiders
    case 'hold':
      return edit.holds
    case 'yesNo':
      return edit.bargeIn
    case 'hearing':
      return hearingChoices(field, words)
    default:
      return undefined
  }
}
