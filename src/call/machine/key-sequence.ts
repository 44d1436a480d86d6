/** The keys of a sequence that were typed so far. */
export interface TypedKeys {
  readonly digits: string
  /** When the last key was typed, ms since the epoch. */
  readonly at: number
}

export const noKeys: TypedKeys = { digits: '', at: 0 }

/** Longest time between two keys of one sequence, ms. It is enough to find the next key on a phone. */
const MAX_KEY_INTERVAL_MS = 3_000

/**
 * Adds a key to those typed before. Leading keys that begin no sequence are dropped, so that `**9` counts as `*9`.
 *
 * @param sequences the sequences, each of one to four keys
 * @param at ms since the epoch
 */
export function typeKey(
  typed: TypedKeys,
  sequences: readonly string[],
  digit: string,
  at: number,
): TypedKeys {
  let digits = (at - typed.at <= MAX_KEY_INTERVAL_MS ? typed.digits : '') + digit
  while (digits !== '' && !sequences.some(whole => whole.startsWith(digits))) digits = digits.slice(1)
  return { digits, at }
}

/** Whether one of the sequences is complete. */
export const isTyped = ({ digits }: TypedKeys, sequences: readonly string[]): boolean =>
  sequences.some(whole => digits.endsWith(whole))
