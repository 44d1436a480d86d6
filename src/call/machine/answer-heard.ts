import { asksCallers, type LinePolicy } from '../../core/policy.js'
import type { SpokenAnswer } from '../../core/speech.js'

/*
 * This room interprets what callers answer and commits their answers. It is the only maker of a `RecordingBasis`, which
 * every recording needs.
 */

/** A caller's answer to the current question. It counts only when it is committed, see `commit-answer.ts`. */
export type AnswerHeard = {
  answer: 'granted' | 'refused'
  /** When the caller gave it, ms since the epoch. */
  at: number
} & (
  | {
      how: 'key'
      /** The key that was pressed; personal data. */
      digit: string
    }
  | { how: 'voice'; spoken: SpokenAnswer }
)

/** An answer by key, and one by voice. */
export type KeyAnswer = Extract<AnswerHeard, { how: 'key' }>
export type VoiceAnswer = Extract<AnswerHeard, { how: 'voice' }>

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
