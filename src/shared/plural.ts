import type { Language } from './policy.js'

/** The forms of a noun by plural category (Unicode CLDR). A category without a form has that of `other`. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

const RULES: Record<Language, Intl.PluralRules> = {
  ru: new Intl.PluralRules('ru'),
  en: new Intl.PluralRules('en'),
}

/** @returns the form that belongs to this count in this language, without the count */
export const plural = (count: number, forms: PluralForms, language: Language): string =>
  forms[RULES[language].select(count)] ?? forms.other

/** @returns a count with its noun in English: `1 recording`, `2 recordings` */
export const counted = (count: number, one: string, other: string): string =>
  `${count} ${plural(count, { one, other }, 'en')}`

/**
 * @param forms the noun after 1, 2 and 5: `запись`, `записи`, `записей`
 * @returns a count with its noun in Russian: `21 запись`, `22 записи`, `25 записей`
 */
export const countedRu = (count: number, ...[one, few, many]: [string, string, string]): string =>
  `${count} ${plural(count, { one, few, many, other: few }, 'ru')}`
