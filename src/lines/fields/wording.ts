import { counted, countedRu, type PluralForms, plural } from '../../lib/plural.js'

/** A second, ms. */
const SECOND_MS = 1_000

const SECONDS: PluralForms = { one: 'секунда', few: 'секунды', many: 'секунд', other: 'секунды' }
const SECONDS_GENITIVE: PluralForms = { one: 'секунды', few: 'секунд', many: 'секунд', other: 'секунды' }
const NUMBERS = new Intl.NumberFormat('ru')
const spanRu = (ms: number, forms: PluralForms) =>
  `${NUMBERS.format(ms / SECOND_MS)} ${plural(ms / SECOND_MS, forms, 'ru')}`

/** How values stand in an English sentence. */
export const en = {
  quoted: (value: unknown): string => (value === undefined ? 'nothing' : `“${String(value)}”`),
  days: (count: number): string => counted(count, 'day', 'days'),
  span: (ms: number): string => counted(ms / SECOND_MS, 'second', 'seconds'),
}

/** How values stand in a Russian sentence. */
export const ru = {
  quoted: (value: unknown): string => (value === undefined ? 'ничего' : `«${String(value)}»`),
  number: (value: number): string => NUMBERS.format(value),
  days: (count: number): string => countedRu(count, 'день', 'дня', 'дней'),
  /** In the genitive, as after «до» and «дольше». */
  daysGenitive: (count: number): string => countedRu(count, 'дня', 'дней', 'дней'),
  span: (ms: number): string => spanRu(ms, SECONDS),
  spanGenitive: (ms: number): string => spanRu(ms, SECONDS_GENITIVE),
}
