import type { Language } from '../../../shared/policy.js'
import { en } from './en.js'
import { ru } from './ru.js'

/** All words of the pages in one language. `ru.ts` says which there are. */
export type Words = typeof ru

const WORDS: Record<Language, Words> = { ru, en }

export const wordsIn = (language: Language): Words => WORDS[language]
