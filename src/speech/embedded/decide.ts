import type { Recognized } from '../recognizer.js'
import type { GrammarAnswer } from './grammar.js'
import { NET_CLASSES, type NetClass } from './net.js'

/** The least score of a no, and of a weak agreement. They open nothing, so the likeliest class is enough. */
const LEAST_SCORE = 0.5

/** Speech that is not that far above its surroundings is in noise, dB. A telephone in a quiet room has 35 and more. */
const NOISY_DB = 22
/** In noise, words such as "yeah" score like a yes. The threshold is raised by this share of what is left to 1: 0.7 becomes 0.9. */
const RAISED_IN_NOISE = 2 / 3

/** What the net alone made of an utterance. `yes` means that pocketsphinx is to be asked. */
export interface Judgement extends Recognized {
  scores: Readonly<Record<NetClass, number>>
}

/**
 * @param threshold the least score of a yes without noise, 0 to 1
 * @param rangeDb how far the speech is above its surroundings, dB
 */
export function heardByNet(scores: Record<NetClass, number>, threshold: number, rangeDb: number): Judgement {
  const likeliest = NET_CLASSES.reduce((best, name) => (scores[name] > scores[best] ? name : best))
  const score = scores[likeliest]
  if (likeliest === 'yes') {
    const needed = rangeDb < NOISY_DB ? threshold + RAISED_IN_NOISE * (1 - threshold) : threshold
    if (score >= needed) return { heard: 'yes', scores }
    return { heard: 'unclear', scores, reason: score >= threshold ? 'noise' : 'score' }
  }
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
