import { languages } from '../../../languages/languages.js'
import type { Words } from '../words/words.js'

/** The languages that callers hear, for a choice: their names, by their tags. */
export const languageOptions = ({ edit }: Words): Readonly<Record<string, string>> =>
  Object.fromEntries(languages().map(language => [language, edit.language(language)]))
