// Replaces `languages/languages.ts` in a browser, which cannot read folders: the page lists the languages.

import * as z from 'zod'
import { issueText, text } from '../../../core/message.js'

export const languages = (): string[] => (document.documentElement.dataset['languages'] ?? '').split(' ')

export const isLanguage = (text: string): boolean => languages().includes(text)

/** A language that callers can hear. */
export const languageSchema = z.string().refine(isLanguage, {
  error: issue =>
    issueText(text`must be a language with a folder of its own: ${languages().join(', ')}`)(issue),
})
