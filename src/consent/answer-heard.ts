import type { LinePolicy } from '../shared/policy.js'

/*
 * This room interprets what callers answer and commits their answers. It is the only maker of a `RecordingBasis`, which every
 * recording needs.
 */

/** A caller's answer to the current question. It counts only when it is committed, see `commit-answer.ts`. */
export interface AnswerHeard {
  answer: 'granted' | 'refused'
  how: 'key'
  /** When the caller gave it, ms since the epoch. */
  at: number
  /** The key that was pressed; personal data. */
  digit: string
}

/**
 * Interprets a key during a question.
 *
 * @param at when the key was pressed, ms since the epoch
 * @returns undefined for a key that is no answer on this line
 */
export function answerByKey({ keys }: LinePolicy, digit: string, at: number): AnswerHeard | undefined {
  if (digit === keys.yes) return { answer: 'granted', how: 'key', at, digit }
  if (digit === keys.no) return { answer: 'refused', how: 'key', at, digit }
  return undefined
}

/**
 * Whether a key counts only after the caller has begun to hear the disclosure. A yes does. A no does while another purpose
 * remains to be asked. The last no counts at any time. On a notice-only line no key is a yes.
 *
 * @param open number of purposes that have no answer yet
 */
export function needsDisclosure(policy: LinePolicy, digit: string, open: number): boolean {
  const answer = answerByKey(policy, digit, 0)?.answer
  return policy.mode === 'key' && (answer === 'granted' || (answer === 'refused' && open > 1))
}
