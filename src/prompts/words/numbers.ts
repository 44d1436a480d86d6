import type { Language } from '../../core/policy.js'
import { describeLanguage } from '../../languages/languages.js'
import { type PluralForms, plural } from '../../lib/plural.js'

/** Grammatical case of a Russian term: `храним тридцать дней`, but `в течение тридцати дней`. English has one form. */
export type Case = 'plain' | 'genitive'

const EN_SMALL = words(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
)
const EN_TENS = words('- - twenty thirty forty fifty sixty seventy eighty ninety')

const RU: Record<Case, { small: string[]; tens: string[]; hundreds: string[]; twoThousand: string[] }> = {
  plain: {
    small: words(
      'ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать',
    ),
    tens: words('- - двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто'),
    hundreds: words('- сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот'),
    twoThousand: words('- тысяча две_тысячи три_тысячи четыре_тысячи пять_тысяч'),
  },
  genitive: {
    small: words(
      'нуля одного двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати тринадцати четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати',
    ),
    tens: words('- - двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста'),
    hundreds: words('- ста двухсот трёхсот четырёхсот пятисот шестисот семисот восьмисот девятисот'),
    twoThousand: words('- тысячи двух_тысяч трёх_тысяч четырёх_тысяч пяти_тысяч'),
  },
}

function words(list: string): string[] {
  return list.split(' ').map(word => word.replace('_', ' '))
}

/** The words for numbers from 1 to 5999 by language. Voices of other languages get digits, which they read aloud. */
const WRITTEN_OUT: Readonly<Record<Language, (number: number, form: Case) => string>> = {
  ru: inRussian,
  en: inEnglish,
}

function inEnglish(number: number): string {
  const [thousands, hundreds, rest] = partsOf(number)
  const below =
    rest < 20 ? EN_SMALL[rest]! : joined('-', EN_TENS[Math.floor(rest / 10)], digit(EN_SMALL, rest))
  const large = joined(
    ' ',
    thousands > 0 ? `${EN_SMALL[thousands]} thousand` : undefined,
    hundreds > 0 ? `${EN_SMALL[hundreds]} hundred` : undefined,
  )
  if (large === '') return below
  return rest === 0 ? large : `${large} and ${below}`
}

function inRussian(number: number, form: Case): string {
  const { small, tens, hundreds: hundredsOf, twoThousand } = RU[form]
  const [thousands, hundreds, rest] = partsOf(number)
  return joined(
    ' ',
    thousands > 0 ? twoThousand[thousands] : undefined,
    hundreds > 0 ? hundredsOf[hundreds] : undefined,
    ...(rest < 20 ? [digit(small, rest, 20)] : [tens[Math.floor(rest / 10)], digit(small, rest)]),
  )
}

const partsOf = (number: number): [thousands: number, hundreds: number, rest: number] => [
  Math.floor(number / 1000),
  Math.floor((number % 1000) / 100),
  number % 100,
]

/** The word for the remainder above a multiple of `base`. Undefined without a remainder. */
const digit = (small: string[], number: number, base = 10): string | undefined =>
  number % base === 0 ? undefined : small[number % base]

const joined = (by: string, ...parts: (string | undefined)[]): string =>
  parts.filter(part => part !== undefined).join(by)

/** After a Russian genitive number above one the noun has one form. */
const DAYS_GENITIVE: PluralForms = { one: 'дня', other: 'дней' }

/** @returns a term with its noun: `thirty days`, `тридцать дней`, `тридцати дней`; `30 Tage` in a language that writes no numbers out */
export function daysInWords(days: number, language: Language, form: Case = 'plain'): string {
  const number = WRITTEN_OUT[language]?.(days, form) ?? String(days)
  const nouns = language === 'ru' && form === 'genitive' ? DAYS_GENITIVE : describeLanguage(language).days
  return `${number} ${plural(days, nouns, language)}`
}

/**
 * @param keys one to four keys
 * @param accusative in Russian, after a verb: `нажмите звёздочку и девять`
 * @returns their names: `star nine`, `звёздочка, девять`
 */
export function keysInWords(keys: string, language: Language, accusative = false): string {
  const nameOf = describeLanguage(language).keys as Readonly<Record<string, string>>
  const names = [...keys].map(key => nameOf[key]!)
  if (language === 'en') return names.join(' ')
  if (language !== 'ru' || !accusative) return names.join(', ')
  const after = names.map(name => name.replace(/а$/, 'у'))
  return [after.slice(0, -1).join(', '), after.at(-1)].filter(Boolean).join(' и ')
}

const WRITTEN_NUMBERS: Readonly<Record<Language, readonly string[]>> = {
  en: [...EN_SMALL, ...EN_TENS, 'hundred', 'thousand'],
  ru: Object.values(RU).flatMap(({ small, tens, hundreds }) => [
    ...small,
    ...tens,
    ...hundreds,
    ...['тысяча', 'тысячи', 'тысяч'],
  ]),
}

/** The words for numbers in a language, to search for terms that are written out: all of them, or those of its keys. */
export const numberWords = (language: Language): string[] =>
  (WRITTEN_NUMBERS[language] ?? Object.values(describeLanguage(language).keys)).filter(word => word !== '-')
