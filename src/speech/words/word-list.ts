/**
 * The answers of one language. A phrase has words in the form of `wordsOf`. `a|b` is either word, `a+` one word that
 * may be repeated, and words in brackets may be missing.
 */
export interface WordList {
  /** Whole utterances that are a yes. */
  yes: readonly string[]
  /** Whole utterances that agree, but not clearly. */
  weak: readonly string[]
  /** Whole utterances without an answer, although some have a negation. */
  unclear: readonly string[]
  /** Words any of which makes an utterance a no. */
  negations: readonly string[]
  /** Matches further words any of which makes an utterance a no. */
  negativeWord: RegExp
  /** Words in a row that make an utterance a no. */
  negativePhrases?: readonly string[]
}

/** Makes an expression for utterances of one or several of these phrases, as words joined by blanks. */
export function phrases(list: readonly string[], many: 'one' | 'several'): RegExp {
  const one = `(?:${list.map(phraseOf).join('|')})`
  return new RegExp(many === 'one' ? `^${one}$` : `^${one}+$`, 'u')
}

/** Each word includes the blank before it, so that optional words leave none behind. */
function phraseOf(phrase: string): string {
  const parts = phrase.match(/\[[^\]]+\]|\S+/g) ?? []
  return parts
    .map(part => (part.startsWith('[') ? `(?:${wordOf(part.slice(1, -1))})?` : wordOf(part)))
    .join('')
}

function wordOf(word: string): string {
  const repeated = word.endsWith('+')
  const choices = (repeated ? word.slice(0, -1) : word).split('|').join('|')
  return `(?: (?:${choices}))${repeated ? '+' : ''}`
}

/** An utterance in the form that `phrases` matches. */
export const joined = (words: readonly string[]): string => words.map(word => ` ${word}`).join('')
