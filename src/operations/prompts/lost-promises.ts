/** What words promise callers: the term, how to withdraw, that they are asked or only told. */
export type Promised = 'term' | 'withdrawal' | 'mode'

type Says = Readonly<Record<string, unknown>>

const PROMISES: Readonly<Record<Promised, (says: Says) => boolean>> = {
  term: says => says['retentionDays'] !== undefined || says['terms'] !== undefined,
  withdrawal: says => says['withdraw'] !== undefined,
  mode: says => says['mode'] !== undefined,
}

/**
 * Finds what a new version of a prompt does not promise any more.
 *
 * @param former what the words of the version in force tell callers
 * @param next what the new words tell them
 */
export const lostPromises = (former: Says, next: Says): Promised[] =>
  (Object.keys(PROMISES) as Promised[]).filter(one => PROMISES[one](former) && !PROMISES[one](next))
