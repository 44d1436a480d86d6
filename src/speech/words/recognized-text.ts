import type { HeardLanguage } from '../../core/policy.js'
import type { SpokenClass } from '../../core/speech.js'
import type { Recognized } from '../recognizer.js'
import { english } from './en.js'
import { russian } from './ru.js'
import { joined, phrases, type WordList } from './word-list.js'

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

/** Most words of an utterance that can be a yes or weak. The longest utterance has 2.5 s. */
const MOST_WORDS = 12

/** The meaning of an utterance's words. */
interface WordVerdict {
  heard: SpokenClass
  /** Why it is unclear, if the words are in no list or missing. */
  reason?: 'no-words' | 'other-words'
}

const RULES = { ru: ruleOf(russian), en: ruleOf(english) }

/**
 * The meaning of a transcribed utterance. The whole utterance must be a listed phrase. An utterance with a negation is
 * never a yes: it is a no, unless it is one of the few listed phrases that are weak or unclear, such as "не против".
 *
 * @param text as the engine transcribed it
 */
export const hearWords = (language: HeardLanguage, text: string): WordVerdict =>
  RULES[language](wordsOf(text))

function ruleOf(list: WordList): (words: readonly string[]) => WordVerdict {
  const [yes, weak, unclear] = [list.yes, list.weak, list.unclear].map(one => phrases(one, 'one'))
  const agreeing = phrases([...list.yes, ...list.weak], 'several')
  const negations = new Set(list.negations)
  const negative = (list.negativePhrases ?? []).map(phrase => joined(phrase.split(' ')))
  return words => {
    if (words.length === 0) return { heard: 'unclear', reason: 'no-words' }
    const text = joined(words)
    const isShort = words.length <= MOST_WORDS
    if (isShort && unclear!.test(text)) return { heard: 'unclear' }
    if (isShort && weak!.test(text)) return { heard: 'weak' }
    const isNegative =
      words.some(word => negations.has(word) || list.negativeWord.test(word)) ||
      negative.some(phrase => `${text} `.includes(`${phrase} `))
    if (isNegative) return { heard: 'no' }
    if (isShort && yes!.test(text)) return { heard: 'yes' }
    if (isShort && agreeing.test(text)) return { heard: 'weak' }
    return { heard: 'unclear', reason: 'other-words' }
  }
}

/** Typographic apostrophes, which stand for the plain one. */
const APOSTROPHES = /[’‘ʼ`´]/g
/** Word separators: everything except letters, digits and apostrophes within a word. */
const BETWEEN_WORDS = /[^\p{L}\p{N}']+|(?<![\p{L}\p{N}])'+|'+(?![\p{L}\p{N}])/u

/**
 * The words of a text, in the form of the word lists: lower case, `е` for `ё`, without punctuation. A hyphen separates
 * words.
 *
 * @param text as an engine transcribed it
 */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll('ё', 'е').replace(APOSTROPHES, "'")
  return plain.split(BETWEEN_WORDS).filter(word => word !== '')
}
