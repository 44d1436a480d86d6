import { languageOptions } from '../parts/language-options.js'
import type { Words } from '../words/words.js'
import { controlOf } from './fields.js'

/**
 * The values that a field may have, with their words.
 *
 * @param field path, such as `purposes.0.legalBasis`
 * @returns undefined for a field whose values are typed, are prompts, or have parts
 */
export const choicesOf = (field: string, words: Words): Readonly<Record<string, string>> | undefined =>
  controlOf(field) === 'language' ? languageOptions(words) : words.edit.choices(field)
