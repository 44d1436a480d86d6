/** Promises of words to callers: the term, the way to withdraw, and whether they are asked or only informed. */
export type Promised = 'term' | 'withdrawal' | 'mode'

type Says = Readonly<Record<string, unknown>>

const PROMISES: Readonly<Record<Promised, (says: Says) => boolean>> = {
  term: says => says['retentionDays'] !== undefined || says['terms'] !== undefined,
  withdrawal: says => says['withdraw'] !== undefined,
  mode: says => says['mode'] !== undefined,
}

/**
 * Finds promises that a new version of a prompt drops.
 *
 * @param former promises of the words in force
 * @param next promises of the new words
 */
export const lostPromises = (former: Says, next: Says): Promised[] =>
  (Object.keys(PROMISES) as Promised[]).filter(one => PROMISES[one](former) && !PROMISES[one](next))
