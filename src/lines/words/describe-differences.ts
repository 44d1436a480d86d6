import type { WrittenLanguage } from '../../core/policy.js'
import type { LineField } from '../fields/field.js'
import { fieldAt } from '../fields/fields.js'
import type { Difference } from '../line-differences.js'
import { en, type LineWords } from './words-en.js'
import { ru } from './words-ru.js'

const WORDS: Record<WrittenLanguage, LineWords> = { en, ru }

/** A field of one purpose, by the purpose's name. */
const PURPOSE = /^purposes\.([^.]+)\../
const NEXT = /^(onRefused|onSilent|onFailed)\.(do|context|extension|priority)$/
const ORDER = 'purposes.order'
/** The languages that a line offers, each with its key, and their order. */
const LANGUAGES = 'languages.'

/**
 * Describes the differences of two versions of a line in words.
 *
 * @param differences of `lineDifferences`
 * @returns one sentence a change; a purpose that was added or removed is one
 */
export function describeDifferences(differences: readonly Difference[], language: WrittenLanguage): string[] {
  const words = WORDS[language]
  const { added, removed, moved } = purposeChanges(differences)
  const nameOf = (purpose: string) => words.purposes[purpose] ?? words.otherPurpose(purpose)
  const term = (purpose: string) => {
    const found = differences.find(({ field }) => field === `purposes.${purpose}.retentionDays`)?.after
    return typeof found === 'number' ? words.days(found) : undefined
  }
  const whole = [...added, ...removed]
  const steps = new Set(
    differences.flatMap(({ field }) => (NEXT.exec(field)?.[2] === 'do' ? [NEXT.exec(field)![1]!] : [])),
  )
  return [
    ...added.map(purpose => words.purposeAdded(nameOf(purpose), term(purpose))),
    ...removed.map(purpose => words.purposeRemoved(nameOf(purpose))),
    ...(moved ? [words.order(moved.map(nameOf).join(', '))] : []),
    ...differences.flatMap(difference => {
      const { field } = difference
      const [, purpose] = PURPOSE.exec(field) ?? []
      if (field.startsWith(LANGUAGES)) return ofLanguages(words, difference, differences)
      if (field === ORDER || (purpose && whole.includes(purpose))) return []
      if (purpose) return ofField(language, difference, nameOf(purpose))
      const [, step, part] = NEXT.exec(field) ?? []
      if (!step) return ofField(language, difference)
      if (part === 'do') return [ofNextStep(words, step, differences)]
      return steps.has(step) ? [] : [ofTarget(words, step, part!, difference)]
    }),
  ]
}

/** The purposes that were added or removed, and the new order if nothing else changed. */
function purposeChanges(differences: readonly Difference[]) {
  const order = differences.find(({ field }) => field === ORDER)
  const [before, after] = [order?.before, order?.after].map(names =>
    String(names ?? '')
      .split(', ')
      .filter(Boolean),
  )
  const added = after!.filter(name => !before!.includes(name))
  const removed = before!.filter(name => !after!.includes(name))
  return { added, removed, moved: order && added.length + removed.length === 0 ? after : undefined }
}

const wordOf = (words: Readonly<Record<string, string>>, value: unknown): string =>
  words[String(value)] ?? String(value)

/** A field's sentence with each of its choices. */
const changeSentences = ({ choices, sentence }: LineField, path: string, language: WrittenLanguage) =>
  Object.fromEntries(
    Object.entries(choices?.[language] ?? {}).map(([value, words]) => [
      value,
      `${String(sentence?.[language]).replace(`{${path}}`, words)}.`,
    ]),
  )

/** Of the kept answer as a whole: the line's own refusal of a setting of its group. */
const KEPT_ANSWER = 'voice.keepAnswer'

/**
 * The change of one field. A line that hears no callers any more gets one sentence, and so does one that keeps no answers
 * any more: fields that have a default go unmentioned then.
 *
 * @param purpose its name in words
 */
function ofField(language: WrittenLanguage, { field, before, after }: Difference, purpose = ''): string[] {
  const words = WORDS[language]
  if (field === KEPT_ANSWER) return after === undefined ? [] : [words.neverKept]
  const found = fieldAt(field)
  if (!found) return [words.other(field, words.quoted(before), words.quoted(after))]
  const usual = found.usual ?? undefined
  const isHearing = field.startsWith('voice.')
  if (isHearing && after === undefined && usual !== undefined) return []
  const [to, from] = isHearing ? [after, before] : [after ?? usual, before ?? usual]
  const change = found.change?.[language] ?? changeSentences(found, field, language)
  if (typeof change !== 'function') return [change[String(to)] ?? String(to)]
  return [(change as (to: unknown, from: unknown, purpose: string) => string)(to, from, purpose)]
}

/** A changed order of languages is described only if it is their only change. */
function ofLanguages(
  words: LineWords,
  { field, before, after }: Difference,
  all: readonly Difference[],
): string[] {
  const language = field.slice(LANGUAGES.length)
  if (language === 'order') {
    const alone = all.filter(one => one.field.startsWith(LANGUAGES)).length === 1
    const order = String(after ?? '')
      .split(', ')
      .map(name => words.languageName(name))
      .join(', ')
    return alone && after ? [words.languageOrder(order)] : []
  }
  const name = words.languageName(language)
  if (after === undefined) return [words.languageRemoved(name)]
  return [words.languageKey(name, String(after), before === undefined ? undefined : String(before))]
}

/** What a call does after an answer, before and after, with the target of a transfer. */
function ofNextStep(words: LineWords, step: string, differences: readonly Difference[]): string {
  const valueAt = (part: string, side: 'before' | 'after') =>
    differences.find(({ field }) => field === `${step}.${part}`)?.[side]
  const nextStep = (side: 'before' | 'after') => {
    const target = ['context', 'extension', 'priority'].map(part => valueAt(part, side))
    const to = target.includes(undefined) ? '' : words.target(target.join(', '))
    return `${wordOf(words.nextSteps, valueAt('do', side))}${to}`
  }
  return words.next(wordOf(words.answers, step), nextStep('before'), nextStep('after'))
}

const ofTarget = (words: LineWords, step: string, part: string, { before, after }: Difference): string =>
  words.transferChanged(
    wordOf(words.answers, step),
    wordOf(words.targetParts, part),
    words.quoted(before),
    words.quoted(after),
  )
