/** Typographic apostrophes, which stand for the plain one. */
const APOSTROPHES = /[’‘ʼ`´]/g
/** Whatever is no letter, no digit and no apostrophe within a word parts words. */
const BETWEEN_WORDS = /[^\p{L}\p{N}']+|(?<![\p{L}\p{N}])'+|'+(?![\p{L}\p{N}])/u

/**
 * The words of a text, as the lists of words write them: lower case, `е` for `ё`, without punctuation. A hyphen parts words.
 *
 * @param text as an engine transcribed it
 */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll('ё', 'е').replace(APOSTROPHES, "'")
  return plain.split(BETWEEN_WORDS).filter(word => word !== '')
}
