import type { MinHeard, WrittenLanguage } from '../../core/policy.js'
import type { Difference } from '../line-differences.js'
import { en, type LineWords } from './words-en.js'
import { ru } from './words-ru.js'

const WORDS: Record<WrittenLanguage, LineWords> = { en, ru }

/** A field of one purpose: the purpose's name, and the field below it. */
const PURPOSE = /^purposes\.([^.]+)\.(.+)$/
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
      const [, purpose, below] = PURPOSE.exec(field) ?? []
      if (field.startsWith(LANGUAGES)) return ofLanguages(words, difference, differences)
      if (Object.hasOwn(VOICE_TELLERS, field)) return ofVoice(words, difference)
      if (field === ORDER || (purpose && whole.includes(purpose))) return []
      if (purpose) return [ofPurpose(words, nameOf(purpose), below!, difference)]
      const [, step, part] = NEXT.exec(field) ?? []
      if (!step) return [ofLine(words, difference)]
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

type Teller = (words: LineWords, difference: Difference) => string

const quote = ({ quoted, nothing }: LineWords, value: unknown): string =>
  value === undefined ? nothing : quoted(String(value))

/** Wording of a change of each field of the whole line. */
const TELLERS: Readonly<Record<string, Teller>> = {
  language: (words, { before, after }) =>
    words.language(words.languageName(String(before)), words.languageName(String(after))),
  mode: (words, { before, after }) => words.mode(lookUp(words.modes, before), lookUp(words.modes, after)),
  disclosure: (words, { before, after }) => words.disclosure(quote(words, before), quote(words, after)),
  bargeIn: (words, { after }) => words.bargeIn(after === true),
  waitMs: (words, { before, after }) => words.wait(Number(before), Number(after)),
  retries: (words, { before, after }) => words.retries(Number(before), Number(after)),
  onWithdraw: (words, { after }) => lookUp(words.withdrawal, after),
  pauseMaxMs: (words, { before, after }) => words.pauseMax(Number(before), Number(after)),
}

/** Wording of a change of each field of hearing. The line may have had none of these fields before. */
const VOICE_TELLERS: Readonly<Record<string, Teller>> = {
  'voice.engine': (words, { before, after }) =>
    words.engine(quote(words, after), before === undefined ? undefined : quote(words, before)),
  'voice.threshold': (words, { before, after }) =>
    words.threshold(Number(after), before === undefined ? undefined : Number(before)),
  'voice.weak': (words, { after }) => lookUp(words.weak, after),
  'voice.keyAfterYes': (words, { after }) => words.keyAfterYes(after === true),
  'voice.experimental': (words, { after }) => words.experimental(after === true),
  // The line's own refusal of a setting of its group.
  'voice.keepAnswer': words => words.neverKept,
  'voice.keepAnswer.legalBasis': (words, { after }) => words.keptBasis(String(after)),
  'voice.keepAnswer.retentionDays': (words, { before, after }) =>
    words.keptDays(Number(after), before === undefined ? undefined : Number(before)),
  'voice.keepAnswer.longerBecause': (words, { after }) => words.keptBecause(String(after)),
}

/** A line that no longer hears callers gets one sentence, and so does one that no longer keeps answers. */
function ofVoice(words: LineWords, difference: Difference): string[] {
  if (difference.after !== undefined) return [VOICE_TELLERS[difference.field]!(words, difference)]
  if (difference.field === 'voice.keepAnswer.legalBasis') return [words.keptNoMore]
  if (difference.field === 'voice.keepAnswer.longerBecause') return [words.keptBecause(undefined)]
  return difference.field === 'voice.engine' ? [words.noEngine] : []
}

const lookUp = (words: Readonly<Record<string, string>>, value: unknown): string =>
  words[String(value)] ?? String(value)

function ofLine(words: LineWords, difference: Difference): string {
  const { field, before, after } = difference
  const [, role] = /^keys\.(.+)$/.exec(field) ?? []
  if (role) return words.key(lookUp(words.keys, role), quote(words, before), quote(words, after))
  if (field === 'name') return words.lineName(after === undefined ? undefined : quote(words, after))
  if (field === 'company') return words.company(after === undefined ? undefined : quote(words, after))
  if (field === 'minHeardMs') return words.minHeard((after ?? 0) as MinHeard)
  if (field === 'onOutsider') return lookUp(words.outsider, after ?? 'pause')
  if (field === 'outsiderDisclosure')
    return words.outsiderDisclosure(after === undefined ? undefined : quote(words, after))
  if (field === 'onHold') return lookUp(words.hold, after ?? 'record')
  if (field === 'askKeys') return words.askKeys(after === undefined ? undefined : quote(words, after))
  const tell = before === undefined || after === undefined ? undefined : TELLERS[field]
  return tell ? tell(words, difference) : words.other(field, quote(words, before), quote(words, after))
}

function ofPurpose(
  words: LineWords,
  purpose: string,
  below: string,
  { field, before, after }: Difference,
): string {
  const [, role] = /^prompts\.(.+)$/.exec(below) ?? []
  if (role)
    return words.prompt(purpose, lookUp(words.prompts, role), quote(words, before), quote(words, after))
  if (below === 'retentionDays' && typeof before === 'number' && typeof after === 'number')
    return words.term(purpose, before, after)
  if (below === 'legalBasis' && after !== undefined) return words.basis(purpose, String(after))
  if (below === 'longerBecause')
    return after === undefined ? words.noReason(purpose) : words.reason(purpose, String(after))
  return words.other(field, quote(words, before), quote(words, after))
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
  const told = (side: 'before' | 'after') => {
    const target = ['context', 'extension', 'priority'].map(part => valueAt(part, side))
    const to = target.includes(undefined) ? '' : words.target(target.join(', '))
    return `${lookUp(words.nextSteps, valueAt('do', side))}${to}`
  }
  return words.next(lookUp(words.answers, step), told('before'), told('after'))
}

const ofTarget = (words: LineWords, step: string, part: string, { before, after }: Difference): string =>
  words.transferChanged(
    lookUp(words.answers, step),
    lookUp(words.targetParts, part),
    quote(words, before),
    quote(words, after),
  )
