import type { Language } from '../../../shared/policy.js'
import { en } from './en.js'
import { ru, type Words } from './ru.js'

export type { Words } from './ru.js'

const WORDS: Record<Language, Words> = { ru, en }

export const wordsIn = (language: Language): Words => WORDS[language]
