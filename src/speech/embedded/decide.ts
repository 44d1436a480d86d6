import type { HeardLanguage } from '../../shared/policy.js'
import type { Recognized } from '../recognizer.js'
import { SAMPLES_PER_MS } from '../utterances.js'
import type { Extent } from './extent.js'
import type { GrammarAnswer } from './grammar.js'
import { NET_CLASSES, type NetClass } from './net.js'

/** The least score of a no, and of a weak agreement. They open nothing, so the likeliest class is enough. */
const LEAST_SCORE = 0.5

/** Speech that is less far above its surroundings is in noise, dB. In a quiet room, on a telephone, it is 45 and more. */
const NOISY_DB = 40
/** Shorter speech in a quiet room may be the rest of a sentence, cut off by a pause, ms. Nineteen of twenty yes are longer. */
const SHORT_MS = 280
/**
 * The threshold is raised by this share of what is left to 1: a half makes 0.85 of 0.7. In noise, other Russian words score like a yes. An English
 * yes is seldom that short; a Russian one often is.
 */
const RAISED: Record<HeardLanguage, { inNoise: number; ifShort: number }> = {
  en: { inNoise: 0, ifShort: 1 / 2 },
  ru: { inNoise: 1 / 2, ifShort: 0 },
}

/** What the net alone made of an utterance. `yes` means that pocketsphinx is to be asked. */
export interface Judgement extends Recognized {
  scores: Readonly<Record<NetClass, number>>
  /** The utterance is in noise, in which the grammar misses many yes. */
  inNoise: boolean
}

/**
 * @param threshold the least score of a yes, 0 to 1
 * @param extent where the speech is in the utterance
 */
export function heardByNet(
  scores: Record<NetClass, number>,
  threshold: number,
  { begin, end, rangeDb }: Pick<Extent, 'begin' | 'end' | 'rangeDb'>,
  language: HeardLanguage,
): Judgement {
  const inNoise = rangeDb < NOISY_DB
  const likeliest = NET_CLASSES.reduce((best, name) => (scores[name] > scores[best] ? name : best))
  const score = scores[likeliest]
  if (likeliest === 'yes') {
    const isShort = end - begin < SHORT_MS * SAMPLES_PER_MS
    const raised = inNoise ? RAISED[language].inNoise : isShort ? RAISED[language].ifShort : 0
    if (score >= threshold + raised * (1 - threshold)) return { heard: 'yes', scores, inNoise }
    const reason = score < threshold ? 'score' : inNoise ? 'noise' : 'short'
    return { heard: 'unclear', scores, inNoise, reason }
  }
  if (likeliest === 'other' || score < LEAST_SCORE) return { heard: 'unclear', scores, inNoise }
  return { heard: likeliest, scores, inNoise }
}

/**
 * The rule: no if either says no; yes only if both say yes. In noise, where the grammar misses many yes, the yes of the net
 * is enough unless the grammar hears a no. Everything else is unclear.
 *
 * @param grammar what pocketsphinx made of the utterance; undefined if it was not asked
 */
export function decide({ inNoise, ...judged }: Judgement, grammar?: GrammarAnswer): Recognized {
  if (grammar === undefined) return judged.heard === 'yes' ? { ...judged, heard: 'unclear' } : judged
  const scores = { ...judged.scores, grammar: grammar === 'yes' ? 1 : 0 }
  if (judged.heard === 'no' || grammar === 'no')
    return { heard: 'no', scores, ...(judged.heard === 'yes' && { reason: 'grammar' }) }
  if (judged.heard !== 'yes' || grammar === 'yes' || inNoise) return { ...judged, scores }
  return { heard: 'unclear', scores, reason: 'grammar' }
}
