/** Characters that people type between digits: spaces, brackets, dots, slashes and dashes of any kind. */
const BETWEEN = '[\\s()./\u00a0\u2009\u202f\u2010-\u2015\u2212-]*'

/** Fewest digits of a number that may be typed without its country code, or with another prefix. */
const INTERNATIONAL_DIGITS = 11
/** Number of last digits that all spellings of such a number share. */
const COMMON_DIGITS = 9
/** Most digits that a spelling has before them: a country code and the beginning of the area code, or `8` or `0` in its place. */
const MOST_BEFORE = 4

/**
 * The pattern of a number as people type it: as a word of its own, with anything of `BETWEEN` in it. A number of eleven digits or more is
 * also found without or with another country code: `+7 916 000-00-05` is typed as `8 (916) 000 00 05`.
 *
 * @param number as the PBX gives it
 * @returns the source of a regular expression, for JavaScript as well as PostgreSQL; undefined if nothing of the number can be typed
 */
export function typedNumberPattern(number: string): string | undefined {
  const plain = [...number.replaceAll(/[^0-9A-Za-z*#]/g, '')]
  if (plain.length === 0) return undefined
  const international = /^\d+$/.test(plain.join('')) && plain.length >= INTERNATIONAL_DIGITS
  const common = international ? plain.slice(-COMMON_DIGITS) : plain
  const before = international ? `(?:[0-9]${BETWEEN}){0,${MOST_BEFORE}}` : ''
  const spelt = common.map(sign => (/[*#]/.test(sign) ? `\\${sign}` : sign)).join(BETWEEN)
  return `(?<![0-9A-Za-z])\\+?${before}${spelt}(?![0-9A-Za-z])`
}

/**
 * Characters that may occur in a pasted number, besides typed ones: marks that join adjacent characters or change their
 * direction.
 */
const NO_SIGN = /[\s()./\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-]/g

/**
 * A number as the dialplan passes it, from the form in which people write it: `+7 (495) 123-45-67` is `+74951234567`.
 * The number's country code is not guessed.
 *
 * @returns the text itself without surrounding blanks if it has characters other than digits, `+`, `*`, `#` and those
 *   that people type between them
 */
export function plainNumber(typed: string): string {
  const plain = typed.normalize('NFKC').replaceAll(NO_SIGN, '')
  return /^[0-9*#+]+$/.test(plain) ? plain : typed.trim()
}

/** Masks this number in a text, however it is typed. */
export function maskTyped(text: string, number: string): string {
  const pattern = typedNumberPattern(number)
  return pattern === undefined ? text : text.replaceAll(new RegExp(pattern, 'g'), maskNumber(number))
}

/** Most digits of a masked number that are shown. */
const SHOWN = 4

/** Hides all but the last four characters of a number, as the function `mask_number` of the database does. */
export const maskNumber = (number: string): string =>
  number.length <= SHOWN
    ? '*'.repeat(number.length)
    : `${'*'.repeat(number.length - SHOWN)}${number.slice(-SHOWN)}`
