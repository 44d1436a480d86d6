import type { HeardLanguage } from '../../core/policy.js'
import type { Recognized } from '../recognizer.js'
import { SAMPLES_PER_MS } from '../utterances.js'
import type { Extent } from './extent.js'
import type { GrammarAnswer } from './grammar.js'
import { NET_CLASSES, type NetClass } from './net.js'

/** The least score of a no, and of a weak yes. Neither starts a recording, so the likeliest class is enough. */
const LEAST_SCORE = 0.5

/**
 * The sound around speech. Noise hides the sounds that distinguish "nest" from a yes, so more noise requires a higher
 * score.
 */
interface Surroundings {
  /** Least distance of the speech above it, dB. */
  fromDb: number
  /** The threshold is raised by this share of the rest to 1: a half turns 0.7 into 0.85. */
  raised: Record<HeardLanguage, number>
  /** The same for a yes that the grammar misses, as it often does in noise; undefined if no score is enough. */
  raisedAlone?: Record<HeardLanguage, number>
}
const both = (share: number): Record<HeardLanguage, number> => ({ en: share, ru: share })
/** A quiet room, where speech on a telephone is 45 dB and more above its surroundings. */
const QUIET: Surroundings = { fromDb: 40, raised: both(0) }
/**
 * Noise levels, from low to high. With street noise at 10 dB, speech is some 20 dB above it; at 5 dB, some 15. In
 * noise, other Russian words score like a yes.
 */
const NOISES: Surroundings[] = [
  { fromDb: 20.5, raised: { en: 1 / 5, ru: 1 / 2 }, raisedAlone: { en: 1 / 5, ru: 1 / 2 } },
  { fromDb: 15, raised: both(1 / 2), raisedAlone: both(2 / 3) },
  { fromDb: Number.NEGATIVE_INFINITY, raised: both(3 / 4), raisedAlone: both(4 / 5) },
]
/**
 * Shorter speech in a quiet room may be the rest of a sentence that a pause cut off, ms. One in four English yeses is
 * as short, and nearly all of them score higher.
 */
const SHORT_MS = 330
/** The threshold for short speech is raised by this share, as above. A Russian yes is often that short. */
const SHORT_RAISED: Record<HeardLanguage, number> = { en: 1 / 2, ru: 0 }

/** The net's judgement of an utterance. For `yes`, pocketsphinx is asked too. */
export interface Judgement extends Recognized {
  scores: Readonly<Record<NetClass, number>>
  /** The least score of a yes that the grammar hears, too. */
  least: number
  /** The same for a yes that the grammar misses, as it often does in noise. Without noise no score is enough. */
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
  const noise = rangeDb < QUIET.fromDb ? NOISES.find(({ fromDb }) => rangeDb >= fromDb) : undefined
  const isShort = !noise && end - begin < SHORT_MS * SAMPLES_PER_MS
  const { raised, raisedAlone } = noise ?? QUIET
  const raisedBy = (share: number) => threshold + share * (1 - threshold)
  const least = raisedBy(isShort ? SHORT_RAISED[language] : raised[language])
  const leastAlone = raisedAlone ? raisedBy(raisedAlone[language]) : Number.POSITIVE_INFINITY
  const likeliest = NET_CLASSES.reduce((best, name) => (scores[name] > scores[best] ? name : best))
  const score = scores[likeliest]
  const judged = { scores, least, leastAlone }
  if (likeliest === 'yes') {
    if (score >= least) return { heard: 'yes', ...judged }
    const reason = score < threshold ? 'score' : noise ? 'noise' : 'short'
    return { heard: 'unclear', reason, ...judged }
  }
  if (likeliest === 'other' || score < LEAST_SCORE) return { heard: 'unclear', ...judged }
  return { heard: likeliest, ...judged }
}

/**
 * The rule: a no of either is a no; a yes needs both. In noise, where the grammar misses many a yes, the net's yes is
 * enough unless the grammar hears a no. The louder the noise, the higher its score must be. Everything else is unclear.
 *
 * @param grammar result of pocketsphinx; undefined if it was not asked
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
