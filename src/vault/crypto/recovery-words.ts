/*
 * The words of a recovery sheet: a secret key as 24 words of BIP 39's English list. Browsers run this file too.
 */

import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'

/** Words of 32 bytes: 256 bits and a checksum of 8 bits, 11 bits a word. */
export const WORD_COUNT = 24

/** The words of a secret key (BIP 39). @param secret 32 bytes */
export const wordsOfSecret = (secret: Uint8Array): string[] => entropyToMnemonic(secret, wordlist).split(' ')

/**
 * Reads a secret key from words typed from paper: in any case, with blanks, line breaks, numbers and dots between them.
 *
 * @returns 32 bytes; undefined if they are not 24 words of the list, or the checksum is wrong
 */
export function secretOfWords(typed: string): Uint8Array | undefined {
  const words = typed.toLowerCase().match(/[a-z]+/g) ?? []
  if (words.length !== WORD_COUNT) return undefined
  try {
    return mnemonicToEntropy(words.join(' '), wordlist)
  } catch {
    return undefined
  }
}

/** The first word that is not on the list. */
export const unknownWord = (typed: string): string | undefined =>
  (typed.toLowerCase().match(/[a-z]+/g) ?? []).find(word => !wordlist.includes(word))
