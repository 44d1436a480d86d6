import type { HeardLanguage } from '../../core/policy.js'
import type { SpokenClass } from '../../core/speech.js'
import { english } from './en.js'
import { wordsOf } from './normalise.js'
import { russian } from './ru.js'
import { joined, phrases, type WordList } from './word-list.js'

/** Most words of an utterance that can be a yes or weak. The longest utterance has 2.5 s. */
const MOST_WORDS = 12

/** The meaning of an utterance's words. */
export interface WordVerdict {
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
