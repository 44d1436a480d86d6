/** The keys of a sequence that were typed so far, and when the last of them was. */
export interface TypedKeys {
  readonly digits: string
  /** ms since the epoch */
  readonly at: number
}

export const noKeys: TypedKeys = { digits: '', at: 0 }

/** Keys of one sequence follow each other within this, ms: time to find the next key, not to forget the first. */
const BETWEEN_MS = 3_000

/**
 * Adds a key to those typed before. Leading keys with which no sequence begins are dropped, so that `**9` counts as `*9`.
 *
 * @param wanted the sequences, each of one to four keys
 * @param at ms since the epoch
 */
export function typeKey(typed: TypedKeys, wanted: readonly string[], digit: string, at: number): TypedKeys {
  let digits = (at - typed.at <= BETWEEN_MS ? typed.digits : '') + digit
  while (digits !== '' && !wanted.some(whole => whole.startsWith(digits))) digits = digits.slice(1)
  return { digits, at }
}

/** Whether one of the sequences was typed to its end. */
export const isTyped = ({ digits }: TypedKeys, wanted: readonly string[]): boolean =>
  wanted.some(whole => digits.endsWith(whole))
