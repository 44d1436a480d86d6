import {
  type HeardLanguage,
  isHeard,
  type LinePolicy,
  type PurposePolicy,
  type VoicePolicy,
} from '../../core/policy.js'
import type { HearingTerms } from '../../core/speech.js'
import type { KeyAnswer } from './answer-heard.js'
import type { AskedQuestion, QuestionWay } from './asked-question.js'
import type { AnswerMethod, CallState, Order, Transition } from './call-states.js'

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
  const told: Order[] = hearing ? [{ order: 'tell-prompt-ended' }] : []
  return {
    state: { ...s, step: 'waiting' },
    orders: [...told, { order: 'wait', ms: s.policy.waitMs }],
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
