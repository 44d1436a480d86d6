import type { Language, WrittenLanguage } from './policy.js'

const NAMES: Record<WrittenLanguage, Intl.DisplayNames> = {
  ru: new Intl.DisplayNames('ru', { type: 'language' }),
  en: new Intl.DisplayNames('en', { type: 'language' }),
}

/** The name of a language that callers hear, in a language that people read: `German`, `немецкий`. */
export const languageName = (language: Language, written: WrittenLanguage): string =>
  NAMES[written].of(language) ?? language
