import type { LinePolicy } from '../shared/policy.js'

/** A caller's answer to the question in hand, as it was heard. It counts once it is committed, see `commit-answer.ts`. */
export interface AnswerHeard {
  answer: 'granted' | 'refused'
  how: 'key'
  /** When it was heard, ms since the epoch. */
  at: number
  /** The key that was pressed; personal data. */
  digit: string
}

/**
 * Interprets a key while a purpose is in question.
 *
 * @param at when it was pressed, ms since the epoch
 * @returns undefined for a key that answers nothing on this line
 */
export function answerByKey({ keys }: LinePolicy, digit: string, at: number): AnswerHeard | undefined {
  if (digit === keys.yes) return { answer: 'granted', how: 'key', at, digit }
  if (digit === keys.no) return { answer: 'refused', how: 'key', at, digit }
  return undefined
}

/**
 * Whether a key counts only after the caller has begun to hear the disclosure: a yes does, and so does a no after which another
 * purpose would be asked about. Any other no counts at any time.
 *
 * @param open number of purposes that have no answer yet
 */
export function needsDisclosure(policy: LinePolicy, digit: string, open: number): boolean {
  const answer = answerByKey(policy, digit, 0)?.answer
  return answer === 'granted' || (answer === 'refused' && policy.mode === 'key' && open > 1)
}
