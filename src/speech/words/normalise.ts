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
