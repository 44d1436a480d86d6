import type { Language } from '../../../shared/policy.js'
import { en } from './en/en.js'
import { ru } from './ru/ru.js'
import type { Words } from './shape.js'

export type { Words } from './shape.js'

const WORDS: Record<Language, Words> = { ru, en }

export const wordsIn = (language: Language): Words => WORDS[language]
