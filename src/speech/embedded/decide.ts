import type { HeardLanguage } from '../../shared/policy.js'
import type { Recognized } from '../recognizer.js'
import { SAMPLES_PER_MS } from '../utterances.js'
import type { Extent } from './extent.js'
import type { GrammarAnswer } from './grammar.js'
import { NET_CLASSES, type NetClass } from './net.js'

/** The least score of a no, and of a weak agreement. They open nothing, so the likeliest class is enough. */
const LEAST_SCORE = 0.5

/** What is around speech. Noise hides the sounds that tell "nest" from a yes, so the louder it is, the more a yes needs. */
interface Surroundings {
  /** How far above them the speech is at least, dB. */
  fromDb: number
  /** The threshold is raised by this share of what is left to 1: a half makes 0.85 of 0.7. */
  raised: Record<HeardLanguage, number>
  /** The same for a yes that the grammar does not hear; undefined if no score is enough. In noise the grammar misses many yes. */
  raisedAlone?: Record<HeardLanguage, number>
}
const both = (share: number): Record<HeardLanguage, number> => ({ en: share, ru: share })
/** A quiet room, where speech on a telephone is 45 dB and more above its surroundings. */
const QUIET: Surroundings = { fromDb: 40, raised: both(0) }
/** Noise, from little to loud. With street noise at 10 dB, speech is some 20 dB above it; at 5 dB some 15. Other Russian words score like a yes in noise. */
const NOISES: Surroundings[] = [
  { fromDb: 20.5, raised: { en: 1 / 5, ru: 1 / 2 }, raisedAlone: { en: 1 / 5, ru: 1 / 2 } },
  { fromDb: 15, raised: both(1 / 2), raisedAlone: both(2 / 3) },
  { fromDb: Number.NEGATIVE_INFINITY, raised: both(3 / 4), raisedAlone: both(4 / 5) },
]
/** Shorter speech in a quiet room may be the rest of a sentence, cut off by a pause, ms. One in four English yes is as short, and nearly all of them score higher. */
const SHORT_MS = 330
/** By how much the threshold is raised for it, as above. A Russian yes is often that short. */
const SHORT_RAISED: Record<HeardLanguage, number> = { en: 1 / 2, ru: 0 }

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
 * The rule: no if either says no; yes only if both say yes. In noise, where the grammar misses many yes, the yes of the net
 * is enough unless the grammar hears a no; the louder the noise, the higher its score must be. Everything else is unclear.
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
