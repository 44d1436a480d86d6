import type { HeardLanguage } from '../../core/policy.js'
import type { Recognized } from '../recognizer.js'
import { hearWords } from './word-rule.js'

/** Most characters of an utterance that are kept. The longest utterance has 2.5 s. */
const MOST_TEXT = 1_000

/** The text of an utterance by a transcribing engine. */
export interface Transcript {
  text: string
  /** Confidence in the least certain word, 0 to 1; absent if the engine gives none. */
  score?: number
}

/**
 * The meaning of an engine's transcript, by the rule of words.
 *
 * @param threshold the least score of a yes, 0 to 1; ignored for an engine without scores
 */
export function recognizedText(
  language: HeardLanguage,
  threshold: number,
  { text, score }: Transcript,
): Recognized {
  const { heard, reason } = hearWords(language, text)
  const isUnsure = heard === 'yes' && score !== undefined && score < threshold
  const because = isUnsure ? 'threshold' : reason
  return {
    heard: isUnsure ? 'unclear' : heard,
    ...(score === undefined ? { scores: {} } : { scores: { words: score }, needed: threshold }),
    words: text.slice(0, MOST_TEXT),
    ...(because === undefined ? {} : { reason: because }),
  }
}
