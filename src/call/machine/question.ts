import {
  asksCallers,
  type HeardLanguage,
  isHeard,
  type LinePolicy,
  type PurposePolicy,
  type VoicePolicy,
} from '../../core/policy.js'
import type { HearingTerms, SpokenAnswer } from '../../core/speech.js'
import type {
  AnswerMethod,
  AskedQuestion,
  CallState,
  Fact,
  KeyAnswer,
  Order,
  QuestionWay,
  Transition,
  VoiceAnswer,
} from './call-states.js'

/*
 * How a question is asked: with which prompt, and whether the caller is heard. A line by voice asks for speech at most twice for one
 * answer, and asks for a key after that.
 */

/** The prompts of the ways for which no line has its own question. Each language has them. */
const WAY_PROMPTS = {
  confirm: 'question-confirm',
  key: 'question-by-key',
  'after-yes': 'question-after-yes',
} as const

/** How often a caller is asked to speak one answer, not counting the question about a weak yes. */
const MOST_BY_SPEECH = 2

/** The state of a question before it is asked. */
export const notAsked: AskedQuestion = {
  way: 'key',
  repeats: 0,
  bySpeech: 0,
  hearing: false,
  speaking: false,
  extended: false,
  mistyped: false,
  saidYes: null,
}

const answersByVoice = ({ mode, voice, language }: LinePolicy): boolean =>
  mode === 'voice-or-key' && voice !== undefined && isHeard(language)

/** The question that is answered by key only. */
export const keyQuestion = (policy: LinePolicy, { prompts }: PurposePolicy): string =>
  answersByVoice(policy) ? WAY_PROMPTS.key : prompts.question

const hears = (way: QuestionWay): boolean => way === 'speech' || way === 'confirm'

/** Asks the first open purpose for the first time. */
export const askFirst = (s: CallState): Transition =>
  ask({ ...s, attempt: 0, asked: { ...notAsked, hearing: s.asked.hearing } }, firstWay(s))

const firstWay = ({ policy }: CallState): QuestionWay => (answersByVoice(policy) ? 'speech' : 'key')

/**
 * Repeats the question after silence. After a wrong key, it is asked once more than the line's repetitions. Undefined
 * if it was asked often enough.
 */
export function repeat(s: CallState): Transition | undefined {
  const { asked, policy } = s
  const most = policy.retries + (asked.mistyped ? 1 : 0)
  if (asked.repeats >= most) return undefined
  return ask({ ...s, asked: { ...asked, repeats: asked.repeats + 1 } }, nextWay(asked))
}

/** The way of the next question after no answer. */
export function nextWay({ way, hearing, bySpeech }: AskedQuestion): QuestionWay {
  if (way === 'after-yes') return way
  return hearing && bySpeech < MOST_BY_SPEECH ? 'speech' : 'key'
}

/** The initial state of a question that is asked now. */
const begun = { speaking: false, extended: false, mistyped: false }

/** Asks the first open purpose in a way. Does not count as a repetition. */
export function ask(s: CallState, way: QuestionWay): Transition {
  const { purpose, prompts } = s.open[0]!
  const { language, voice } = s.policy
  const prompt =
    way === 'speech' ? prompts.question : way === 'key' ? keyQuestion(s.policy, s.open[0]!) : WAY_PROMPTS[way]
  const attempt = s.attempt + 1
  const hearing = hears(way) && voice !== undefined && isHeard(language)
  const saidYes = way === 'after-yes' ? s.asked.saidYes : null
  const bySpeech = s.asked.bySpeech + (hearing ? 1 : 0)
  const end: Order[] = s.asked.hearing ? [{ order: 'end-hearing' }] : []
  const begin: Order[] = hearing ? [{ order: 'begin-hearing', terms: termsOf(voice, language) }] : []
  return {
    state: {
      ...s,
      ...{
        step: 'asking',
        attempt,
        asked: { ...s.asked, way, hearing, bySpeech, saidYes, ...begun },
      },
    },
    orders: [...end, { order: 'ask', purpose, attempt, prompt }, ...begin],
  }
}

/** Details of an answer to commit. */
export type AnswerDetails = Partial<
  Pick<Order & { order: 'commit' }, 'reason' | 'digit' | 'spoken' | 'confirmedAfterMs'>
>

/** How an answer was given: by key, or by the spoken yes that the key confirms, on a line that wants both. */
export function howAnswered(
  { asked: { saidYes } }: CallState,
  { answer, digit, at }: KeyAnswer,
): [AnswerMethod, AnswerDetails] {
  if (answer !== 'granted' || !saidYes) return ['key', { digit }]
  const confirmedAfterMs = Math.max(0, Math.round(at - saidYes.at))
  return ['voice', { digit, spoken: saidYes.spoken, confirmedAfterMs }]
}

const termsOf = ({ engine, threshold, keepAnswer }: VoicePolicy, language: HeardLanguage): HearingTerms => ({
  ...{ language, engine, threshold },
  ...(keepAnswer && { keepYes: true }),
})

/**
 * The caller heard the question, and the wait begins. If a caller who was asked to speak is not heard, the question for
 * a key follows.
 */
export function questionHeard(s: CallState): Transition {
  const { hearing, way } = s.asked
  if (hears(way) && !hearing) return ask(s, 'key')
  const earOrders: Order[] = hearing ? [{ order: 'tell-prompt-ended' }] : []
  return {
    state: { ...s, step: 'waiting' },
    orders: [...earOrders, { order: 'wait', ms: s.policy.waitMs }],
  }
}

/** Ends the hearing of a question that is no longer open. Every transition passes through here. */
export function endHearing({ state, orders }: Transition): Transition {
  if (!state.asked.hearing || state.step === 'asking' || state.step === 'waiting') return { state, orders }
  return {
    state: { ...state, asked: { ...state.asked, hearing: false } },
    orders: [{ order: 'end-hearing' }, ...orders],
  }
}

/**
 * Interprets a key during a question.
 *
 * @param at when the key was pressed, ms since the epoch
 * @returns undefined for a key that is not an answer on this line
 */
export function answerByKey({ keys }: LinePolicy, digit: string, at: number): KeyAnswer | undefined {
  if (digit === keys.yes) return { answer: 'granted', how: 'key', at, digit }
  if (digit === keys.no) return { answer: 'refused', how: 'key', at, digit }
  return undefined
}

/**
 * Interprets the caller's speech after a question. A yes counts only if it was recognised as the line requires: by its
 * engine, in its language, and with at least the score of its threshold, or more if the engine requires it.
 *
 * @param policy in the language of the call
 * @param at time of the decision, ms since the epoch
 * @returns undefined for speech that is not an answer on this line
 */
export function answerBySpeech(
  { mode, language, voice }: LinePolicy,
  spoken: SpokenAnswer,
  at: number,
): VoiceAnswer | undefined {
  if (mode !== 'voice-or-key' || !voice) return undefined
  if (spoken.heard === 'no') return { answer: 'refused', how: 'voice', at, spoken }
  const { engine, terms, scores, needed = 0, reason } = spoken
  const asAgreed =
    engine === voice.engine &&
    terms.engine === voice.engine &&
    terms.language === language &&
    terms.threshold >= voice.threshold &&
    (scores['yes'] === undefined || scores['yes'] >= Math.max(terms.threshold, needed))
  if (spoken.heard !== 'yes' || reason !== undefined || !asAgreed) return undefined
  return { answer: 'granted', how: 'voice', at, spoken }
}

/**
 * Returns how much of the disclosure the caller must still hear before a yes counts.
 *
 * @param heardMs how much the caller has heard of the disclosure that plays, ms
 * @returns ms; infinite if the caller must hear it to its end; 0 if the caller has heard enough
 */
export const stillToHear = ({ minHeardMs = 0 }: LinePolicy, heardMs: number): number =>
  minHeardMs === 'all' ? Number.POSITIVE_INFINITY : Math.max(0, minHeardMs - heardMs)

/**
 * Whether a key counts only after the caller has heard enough of the disclosure: the part that the line requires, or at
 * least its beginning. This applies to a yes, and to a no while another purpose remains to be asked. The last no counts
 * at any time. On a notice-only line no key is a yes.
 *
 * @param open number of purposes that have no answer yet
 */
export function needsDisclosure(policy: LinePolicy, digit: string, open: number): boolean {
  const answer = answerByKey(policy, digit, 0)?.answer
  return asksCallers(policy) && (answer === 'granted' || (answer === 'refused' && open > 1))
}

/*
 * A line may require that callers hear a part or all of the disclosure before a yes counts. A key pressed earlier does
 * not count later either, because the caller has not yet heard what is recorded, and silence afterwards is no
 * agreement. But the key shows that the caller does not want to wait. Once enough was heard, the rest is therefore
 * skipped, and the question follows, which names the keys.
 */

/**
 * Margin added to the required part of the disclosure, ms. The PBX's clock and ours may differ by a few ms, and the
 * journalled duration must not be less than the line requires.
 */
const MARGIN_MS = 100

/**
 * A no to a notice counts while it plays under every rule, because no question follows in which it could be repeated.
 */
const isNoToNotice = (policy: LinePolicy, digit: string): boolean =>
  policy.mode === 'notice' && answerByKey(policy, digit, 0)?.answer === 'refused'

/**
 * Handles a key during a prompt that must play in full, or before enough of the disclosure was heard. A yes before the
 * disclosure has begun may be left over from dialling.
 *
 * @returns undefined if the key may count
 */
export function keyTooEarly(s: CallState, key: Extract<Fact, { fact: 'key' }>): Transition | undefined {
  const { policy, open, step } = s
  const { purpose } = open[0]!
  if (!policy.bargeIn && step !== 'waiting' && !isNoToNotice(policy, key.digit))
    return { state: s, orders: [{ order: 'ignore-key', purpose, reason: 'too-early' }] }
  if (step !== 'disclosing' || !needsDisclosure(policy, key.digit, open.length)) return undefined
  if (key.heardMs === null)
    return { state: s, orders: [{ order: 'ignore-key', purpose, reason: 'too-early' }] }
  const { heardMs = 0 } = key
  const missingMs = stillToHear(policy, heardMs)
  if (missingMs === 0) return undefined
  const early = { heardMs, minHeardMs: policy.minHeardMs ?? 0 }
  const ignored: Order = { order: 'ignore-key', purpose, reason: 'too-early', early }
  const begins = !s.hasty && Number.isFinite(missingMs)
  return {
    state: { ...s, hasty: true },
    orders: begins ? [ignored, { order: 'wait', ms: missingMs + MARGIN_MS }] : [ignored],
  }
}

/** The caller has heard the whole disclosure, and is asked. */
export function askWhenHeard(s: CallState): Transition {
  const { state, orders } = askFirst(s)
  return { state, orders: s.hasty ? [{ order: 'stop-waiting' }, ...orders] : orders }
}

/** A caller who pressed a key too early has now heard enough, and is asked. */
export function enoughHeard(s: CallState): Transition {
  if (!s.hasty) return { state: s, orders: [] }
  const { state, orders } = askFirst(s)
  return { state, orders: [{ order: 'stop-prompt' }, ...orders] }
}
