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
/** Speech that is less far above is in loud noise, which hides the sounds that tell "nest" from a yes, dB. At 10 dB in street noise it is some 20. */
const LOUD_DB = 20.5
/** Shorter speech in a quiet room may be the rest of a sentence, cut off by a pause, ms. Nineteen of twenty yes are longer. */
const SHORT_MS = 280
/**
 * The threshold is raised by this share of what is left to 1: a half makes 0.85 of 0.7. In noise, other Russian words score like a yes. An English
 * yes is seldom that short; a Russian one often is. In loud noise both need more.
 */
const RAISED: Record<HeardLanguage, { inNoise: number; ifLoud: number; ifShort: number }> = {
  en: { inNoise: 0, ifLoud: 1 / 2, ifShort: 1 / 2 },
  ru: { inNoise: 1 / 2, ifLoud: 1 / 2, ifShort: 0 },
}
/** The same in loud noise for a yes that the grammar does not hear: 0.9 of 0.7. */
const RAISED_ALONE = 2 / 3

/** What the net alone made of an utterance. `yes` means that pocketsphinx is to be asked. */
export interface Judgement extends Recognized {
  scores: Readonly<Record<NetClass, number>>
  /** The least score of a yes that the grammar hears, too. */
  least: number
  /** The same of a yes that the grammar does not hear. In noise the grammar misses many; without noise no score is enough. */
  leastAlone: number
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
  const [inNoise, isLoud] = [rangeDb < NOISY_DB, rangeDb < LOUD_DB]
  const raisedBy = (share: number) => threshold + share * (1 - threshold)
  const isShort = end - begin < SHORT_MS * SAMPLES_PER_MS
  const raised = RAISED[language]
  const least = raisedBy(isLoud ? raised.ifLoud : inNoise ? raised.inNoise : isShort ? raised.ifShort : 0)
  const leastAlone = isLoud ? raisedBy(RAISED_ALONE) : inNoise ? least : Number.POSITIVE_INFINITY
  const likeliest = NET_CLASSES.reduce((best, name) => (scores[name] > scores[best] ? name : best))
  const score = scores[likeliest]
  const judged = { scores, least, leastAlone }
  if (likeliest === 'yes') {
    if (score >= least) return { heard: 'yes', ...judged }
    const reason = score < threshold ? 'score' : inNoise ? 'noise' : 'short'
    return { heard: 'unclear', reason, ...judged }
  }
  if (likeliest === 'other' || score < LEAST_SCORE) return { heard: 'unclear', ...judged }
  return { heard: likeliest, ...judged }
}

/**
 * The rule: no if either says no; yes only if both say yes. In noise, where the grammar misses many yes, the yes of the net
 * is enough unless the grammar hears a no; in loud noise only if its score is higher still. Everything else is unclear.
 *
 * @param grammar what pocketsphinx made of the utterance; undefined if it was not asked
 */
export function decide({ least, leastAlone, ...judged }: Judgement, grammar?: GrammarAnswer): Recognized {
  if (grammar === undefined)
    return { ...judged, needed: least, ...(judged.heard === 'yes' && { heard: 'unclear' }) }
  const scores = { ...judged.scores, grammar: grammar === 'yes' ? 1 : 0 }
  if (judged.heard === 'no' || grammar === 'no')
    return { heard: 'no', scores, ...(judged.heard === 'yes' && { reason: 'grammar' }) }
  const needed = grammar === 'yes' ? least : leastAlone
  const asked = { ...judged, scores, ...(Number.isFinite(needed) && { needed }) }
  if (judged.heard !== 'yes' || judged.scores.yes >= needed) return asked
  return { ...asked, heard: 'unclear', reason: 'grammar' }
}
