import type { Language } from '../core/policy.js'
import { anyOf } from '../languages/any-of.js'
import { describeLanguage } from '../languages/languages.js'

/**
 * Whether the words of a prompt ask callers to speak. Only the wording decides, because recorded prompts have no other
 * data.
 */
export const asksForSpeech = (text: string, language: Language): boolean =>
  anyOf(describeLanguage(language).speak).test(text)
