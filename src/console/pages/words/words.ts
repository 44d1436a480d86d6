import type { WrittenLanguage } from '../../../core/policy.js'
import { en } from './en/en.js'
import { ru } from './ru/ru.js'
import type { Words } from './shape.js'

export type { Words } from './shape.js'

const WORDS: Record<WrittenLanguage, Words> = { ru, en }

export const wordsIn = (language: WrittenLanguage): Words => WORDS[language]
