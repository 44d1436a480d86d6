/** The forms of a noun by plural category (Unicode CLDR). A category without a form has that of `other`. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string | undefined>> & { other: string }

const rules = new Map<string, Intl.PluralRules>()

/** @returns the form that belongs to this count in this language, without the count. @param language its tag, such as `ru` */
export function plural(count: number, forms: PluralForms, language: string): string {
  const known = rules.get(language) ?? new Intl.PluralRules(language)
  rules.set(language, known)
  return forms[known.select(count)] ?? forms.other
}

/** @returns a count with its noun in English: `1 recording`, `2 recordings` */
export const counted = (count: number, one: string, other: string): string =>
  `${count} ${plural(count, { one, other }, 'en')}`

/**
 * @param forms the noun after 1, 2 and 5: `запись`, `записи`, `записей`
 * @returns a count with its noun in Russian: `21 запись`, `22 записи`, `25 записей`
 */
export const countedRu = (count: number, ...[one, few, many]: [string, string, string]): string =>
  `${count} ${plural(count, { one, few, many, other: few }, 'ru')}`
