import { AppError } from '../../core/errors.js'
import { type Message, messageOf, text } from '../../core/message.js'
import type { Language, Purpose } from '../../core/policy.js'
import { WRITABLE_TEXT } from '../../core/texts.js'
import { oneOf } from '../../languages/any-of.js'
import { type Description, describeLanguage } from '../../languages/languages.js'
import { type PluralForms, plural } from '../../lib/plural.js'
import type { ManifestEntry } from '../manifest.js'

/** What the words of a prompt promise to callers of a line. */
export type Says = NonNullable<ManifestEntry['says']>

/** The values of variables, from the lines that use the prompt. */
export interface WordValues {
  /** The company's name. */
  company?: string
  /** Retention of every purpose, days. */
  days?: number
  /** Retention of single purposes, days. */
  terms?: Record<Purpose, number>
  /** Keys. */
  yes?: string
  no?: string
  withdraw?: string
  /** The key that chooses the language of the prompt. */
  key?: string
}

/** The words of a prompt with their variables filled in. */
export interface RenderedWords {
  /** The text without marks. */
  text: string
  /** The text with marks of stress, for a voice. */
  spoken: string
  /** What the variables promise to callers. */
  says: Says
}

/** Most characters of a prompt's words. One minute of speech has some 1000. */
const MAX_TEXT = 1500
/** `{days}`, `{days.genitive}`, `{days:marketing}`. */
const VARIABLE = /\{([^{}]*)\}/g
const FORM = /^(?:(company)|(yes|no|withdraw|key)(\.accusative)?|(days)(\.genitive)?(?::([a-z0-9-]+))?)$/
/** A plus before a stressed vowel is a mark for the voice. */
const STRESS = /\+(?=[аеёиоуыэюя])/giu

/** The variables that words of a language may have. Russian also has forms by case. */
const variablesOf = (language: Language): string =>
  `{company}, {yes}, {no}, {withdraw}, {key}, {days}, {days:PURPOSE}${language === 'ru' ? ', {withdraw.accusative}, {days.genitive}' : ''}`

const invalid = (message: string | Message) => new AppError('request.invalid', message)

/**
 * Fills in the variables of a prompt's words. Numbers and keys become words of the language.
 *
 * @param template words with variables; a plus before a Russian vowel marks its stress
 * @throws AppError `request.invalid` for an unknown variable, one without a value, a key or a term that is written out, and for words
 *   that are empty, too long or not writable
 */
export function renderWords(template: string, values: WordValues, language: Language): RenderedWords {
  const trimmed = template.trim()
  if (trimmed === '' || [...trimmed].length > MAX_TEXT || !WRITABLE_TEXT.test(trimmed))
    throw invalid(
      text`The words of a prompt have 1 to ${MAX_TEXT} characters, without control characters: shorten or mend them.`,
    )
  refuseLiterals(trimmed, language)
  const says: Says = {}
  const spoken = trimmed.replace(VARIABLE, (whole, name: string) => fill(whole, name, values, language, says))
  if (/[{}]/.test(spoken)) throw invalid(text`A brace stands alone. Variables are ${variablesOf(language)}.`)
  return { text: spoken.replace(STRESS, ''), spoken, says }
}

function fill(whole: string, name: string, values: WordValues, language: Language, says: Says): string {
  const [, company, key, accusative, days, genitive, purpose] = FORM.exec(name) ?? []
  if (company) return values.company || withoutCompany()
  if (key) {
    const keys = given(values[key as 'yes' | 'no' | 'withdraw' | 'key'], whole)
    says[key as 'yes' | 'no' | 'withdraw' | 'key'] = keys
    return keysInWords(keys, language, accusative !== undefined)
  }
  if (!days) throw invalid(text`There is no variable ${whole}. Variables are ${variablesOf(language)}.`)
  const term = given(purpose ? values.terms?.[purpose] : values.days, whole)
  if (purpose) says.terms = { ...says.terms, [purpose]: term }
  else says.retentionDays = term
  return daysInWords(term, language, genitive ? 'genitive' : 'plain')
}

function given<T extends string | number>(value: T | undefined, variable: string): T {
  if (value !== undefined && value !== '') return value
  throw without(variable)
}

function withoutCompany(): never {
  throw invalid(NO_COMPANY)
}

const NO_COMPANY = messageOf(
  '{company} has no value: set the name of the company first, on the page /setup/company of the console, or give the value itself.',
)

/** Whether a refusal is due to the missing name of the company. */
export const saysNoCompany = ({ template }: Message): boolean => template === NO_COMPANY.template

const without = (variable: string) =>
  invalid(
    text`${variable} has no value: name a line that has it, or give the value itself. A term that differs between purposes is written {days:PURPOSE}.`,
  )

/** How a language names a key to press, and a term, in words. */
interface Literals {
  key: RegExp
  term: RegExp
}
const patterns = new Map<Description, Literals>()

function literalsOf(language: Language): Literals {
  const described = describeLanguage(language)
  const known = patterns.get(described)
  if (known) return known
  const { keys, otherKeyWords, press, beforeKey, days } = described
  const keyWords = `${oneOf([...Object.values(keys), ...otherKeyWords])}|[0-9*#]`
  const between = beforeKey.length === 0 ? '' : `(?:(?:${oneOf(beforeKey)})\\s+)*`
  const [start, end] = ['(?<![\\p{L}\\d])', '(?![\\p{L}\\d])']
  const made: Literals = {
    key: new RegExp(`${start}(?:${oneOf(press)})\\s+${between}(?:${keyWords})${end}`, 'iu'),
    term: new RegExp(
      `${start}(?:\\d+|${oneOf(numberWords(language))})[\\s-](?:${oneOf(Object.values(days))})(?!\\p{L})`,
      'iu',
    ),
  }
  patterns.set(described, made)
  return made
}

/**
 * Refuses a key or a term that is written out. After a change of the line, such words would be false without notice.
 */
function refuseLiterals(template: string, language: Language): void {
  const { key, term } = literalsOf(language)
  const [foundKey] = key.exec(template) ?? []
  if (foundKey)
    throw invalid(
      text`"${foundKey}" names a key: write {yes}, {no} or {withdraw} in its place, so that a changed key asks for new words.`,
    )
  const [foundTerm] = term.exec(template) ?? []
  if (foundTerm)
    throw invalid(
      text`"${foundTerm}" names a term: write {days} or {days:PURPOSE} in its place, so that a changed term asks for new words.`,
    )
}

/** How long a calm voice takes for the words, ms for each character. The shipped prompts take 50 to 69. */
const MS_PER_CHARACTER = 58
/** How much longer or shorter than usual a voice may pause at a sign of punctuation, ms. */
const PAUSE_MS = 150
/** The difference of words and sound up to which the user is not asked. */
const MAX_DIFFERENCE = 0.4

/** @returns whether a sound is so much longer or shorter than its words that it may say something else */
export function lengthDiffers(text: string, lengthMs: number): boolean {
  const expected = [...text].length * MS_PER_CHARACTER
  const pauses = (text.match(/[.,:;!?…]/g)?.length ?? 0) * PAUSE_MS
  return Math.abs(lengthMs - expected) > expected * MAX_DIFFERENCE + pauses
}

/** Grammatical case of a Russian term: `храним тридцать дней`, but `в течение тридцати дней`. English has one form. */
type Case = 'plain' | 'genitive'

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
const numberWords = (language: Language): string[] =>
  (WRITTEN_NUMBERS[language] ?? Object.values(describeLanguage(language).keys)).filter(word => word !== '-')
