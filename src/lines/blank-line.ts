import type { KeptAnswerPolicy, LanguageChoice, LinePolicy, VoicePolicy } from '../core/policy.js'
import { isLanguage } from '../languages/languages.js'
import { isTree, type Tree } from './tree.js'

/** Values for fields that are not typed yet, or typed in another form. */
const BLANK: LinePolicy = {
  ...{ number: '', version: 0, language: 'en', mode: 'key', disclosure: '', purposes: [] },
  ...{ keys: { yes: '1', no: '2', withdraw: '*9', pause: '*7' }, bargeIn: true, waitMs: 5_000, retries: 1 },
  ...{ onWithdraw: 'destroy', pauseMaxMs: 120_000 },
  ...{ onRefused: { do: 'continue' }, onSilent: { do: 'continue' }, onFailed: { do: 'continue' } },
}
const BLANK_PURPOSE: LinePolicy['purposes'][number] = {
  ...{ purpose: '', retentionDays: 30, legalBasis: '', prompts: { question: '', granted: '', refused: '' } },
}

/** The initial values of hearing, without an engine. */
const BLANK_VOICE: Omit<VoicePolicy, 'engine'> & { engine: string } = {
  ...{ engine: '', threshold: 0.7, weak: 'confirm', keyAfterYes: false, experimental: false },
}

const BLANK_KEPT_ANSWER: KeptAnswerPolicy = { retentionDays: 30, legalBasis: '' }

/**
 * A line of which some fields may be invalid, in the form of a valid one. Values of another form than their field, such
 * as words in place of a number, are left out.
 *
 * @param completed the line with the fields of its group; parsed JSON, unchecked
 */
export function inFormOfLine(completed: Tree): LinePolicy {
  const languages = languagesOf(completed['languages'])
  const { name, company, voice, minHeardMs, onOutsider, outsiderDisclosure, onHold, askKeys } = completed
  return {
    ...overlay(BLANK, completed),
    ...((typeof minHeardMs === 'number' || minHeardMs === 'all') && { minHeardMs }),
    ...(typeof name === 'string' && { name }),
    ...(typeof company === 'string' && { company }),
    ...((onOutsider === 'pause' || onOutsider === 'own-side' || onOutsider === 'ask') && { onOutsider }),
    ...(typeof outsiderDisclosure === 'string' && { outsiderDisclosure }),
    ...((onHold === 'record' || onHold === 'pause') && { onHold }),
    ...(typeof askKeys === 'string' && { askKeys }),
    ...(languages.length > 0 && { languages }),
    ...(isTree(voice) && { voice: voiceOf(voice) }),
  }
}

/** Copies members of the same form. */
function overlay<T extends object>(blank: T, typed: Tree): T {
  const members = Object.entries(blank).map(([name, usual]) => {
    const given = typed[name]
    if (name === 'purposes') return [name, purposesOf(given)]
    if (isTree(usual)) return [name, isTree(given) ? { ...overlay(usual, given), ...stepOf(given) } : usual]
    return [name, typeof given === typeof usual ? given : usual]
  })
  return Object.fromEntries(members) as T
}

function voiceOf(typed: Tree): VoicePolicy {
  const { keepAnswer: kept } = typed
  const voice = overlay(BLANK_VOICE, typed) as VoicePolicy
  if (kept === false) return { ...voice, keepAnswer: false }
  if (!isTree(kept)) return voice
  const because = typeof kept['longerBecause'] === 'string' && { longerBecause: kept['longerBecause'] }
  return { ...voice, keepAnswer: { ...overlay(BLANK_KEPT_ANSWER, kept), ...because } }
}

const purposesOf = (typed: unknown): LinePolicy['purposes'] =>
  Array.isArray(typed)
    ? typed.filter(isTree).map(one => ({
        ...overlay(BLANK_PURPOSE, one),
        ...(typeof one['longerBecause'] === 'string' && { longerBecause: one['longerBecause'] }),
      }))
    : []

const languagesOf = (typed: unknown): LanguageChoice[] =>
  Array.isArray(typed)
    ? typed.filter(isTree).flatMap(({ language, key }) => {
        const known = typeof language === 'string' && isLanguage(language)
        return known && typeof key === 'string' ? [{ language, key }] : []
      })
    : []

/** The target of a call, if it is another place in the dialplan. */
const stepOf = ({ context, extension, priority }: Tree): Tree => ({
  ...(typeof context === 'string' && { context }),
  ...(typeof extension === 'string' && { extension }),
  ...(typeof priority === 'number' && { priority }),
})
