import { AppError } from '../../core/errors.js'
import type { Language, Purpose } from '../../core/policy.js'
import { WRITABLE_TEXT } from '../../core/texts.js'
import { oneOf } from '../../languages/any-of.js'
import { type Description, describeLanguage } from '../../languages/languages.js'
import type { ManifestEntry } from '../manifest.js'
import { daysInWords, keysInWords, numberWords } from './numbers.js'

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

const invalid = (message: string) => new AppError('request.invalid', message)

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
      `The words of a prompt have 1 to ${MAX_TEXT} characters, without control characters: shorten or mend them.`,
    )
  refuseLiterals(trimmed, language)
  const says: Says = {}
  const spoken = trimmed.replace(VARIABLE, (whole, name: string) => fill(whole, name, values, language, says))
  if (/[{}]/.test(spoken)) throw invalid(`A brace stands alone. Variables are ${variablesOf(language)}.`)
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
  if (!days) throw invalid(`There is no variable ${whole}. Variables are ${variablesOf(language)}.`)
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
  throw invalid(
    '{company} has no value: set the name of the company first, on the page /setup/company of the console, or give the value itself.',
  )
}

/** Whether a refusal is due to the missing name of the company. */
export const saysNoCompany = (refusal: string): boolean => refusal.startsWith('{company} has no value')

const without = (variable: string) =>
  invalid(
    `${variable} has no value: name a line that has it, or give the value itself. A term that differs between purposes is written {days:PURPOSE}.`,
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
      `"${foundKey}" names a key: write {yes}, {no} or {withdraw} in its place, so that a changed key asks for new words.`,
    )
  const [foundTerm] = term.exec(template) ?? []
  if (foundTerm)
    throw invalid(
      `"${foundTerm}" names a term: write {days} or {days:PURPOSE} in its place, so that a changed term asks for new words.`,
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
