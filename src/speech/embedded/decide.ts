import type { Recognized } from '../recognizer.js'
import type { GrammarAnswer } from './grammar.js'
import { HEAD_CLASSES, type HeadClass } from './head.js'

/** The least score of a no, and of a weak agreement. They open nothing, so the likeliest class is enough. */
const LEAST_SCORE = 0.5

/** What the head alone made of an utterance. `yes` means that pocketsphinx is to be asked. */
export interface Judgement extends Recognized {
  scores: Readonly<Record<HeadClass, number>>
}

/** @param threshold the least score of a yes, 0 to 1 */
export function heardByHead(scores: Record<HeadClass, number>, threshold: number): Judgement {
  const likeliest = HEAD_CLASSES.reduce((best, name) => (scores[name] > scores[best] ? name : best))
  const score = scores[likeliest]
  if (likeliest === 'yes')
    return score >= threshold ? { heard: 'yes', scores } : { heard: 'unclear', scores, reason: 'score' }
  if (likeliest === 'other' || score < LEAST_SCORE) return { heard: 'unclear', scores }
  return { heard: likeliest, scores }
}

/** The rule: yes only if both say yes, no if either says no, everything else is unclear. */
export function decide(judged: Judgement, grammar: GrammarAnswer): Recognized {
  const scores = { ...judged.scores, grammar: grammar === 'yes' ? 1 : 0 }
  if (judged.heard === 'no' || grammar === 'no')
    return { heard: 'no', scores, ...(judged.heard === 'yes' && { reason: 'grammar' }) }
  if (judged.heard !== 'yes') return { ...judged, scores }
  return grammar === 'yes' ? { heard: 'yes', scores } : { heard: 'unclear', scores, reason: 'grammar' }
}
