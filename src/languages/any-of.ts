/** The source of a pattern that matches any of these words literally. Blanks match any blanks. */
export const oneOf = (words: readonly string[]): string =>
  words
    .map(word => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\s+/g, '\\s+'))
    .sort((a, b) => b.length - a.length)
    .join('|')

/** Finds any of these words, as whole words, in any case. */
export const anyOf = (words: readonly string[]): RegExp =>
  words.length === 0 ? /(?!)/ : new RegExp(`(?<![\\p{L}\\d])(?:${oneOf(words)})(?![\\p{L}\\d])`, 'iu')
