import type { HeardLanguage } from '../../shared/policy.js'
import type { Recognized } from '../recognizer.js'
import { hearWords } from './word-rule.js'

/** Most characters of an utterance that are kept. The longest utterance has 2.5 s. */
const MOST_TEXT = 1_000

/** What an engine that transcribes made of an utterance. */
export interface Transcript {
  text: string
  /** How sure the engine is of its least certain word, 0 to 1; absent if it does not say. */
  score?: number
}

/**
 * What an engine that transcribes heard, by the rule of words.
 *
 * @param threshold the least score of a yes, 0 to 1; an engine without scores is not measured by it
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
