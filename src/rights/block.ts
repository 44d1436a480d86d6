import { type PlacedHold, placeHold, releaseHold } from '../retention/holds.js'
import { listHoldsOn } from '../retention/list-holds.js'
import { AppError } from '../shared/errors.js'
import type { RightsDeps } from './rights-deps.js'

/** What is done to whom, why, and who does it. */
export interface PersonAction {
  number: string
  reason: string
  by: string
}

/**
 * Blocks what is recorded of a caller, also later: until it is unblocked it can be neither played nor exported, and neither
 * purge nor erasure takes it.
 *
 * @throws AppError `journal.*`: then nothing is blocked
 */
export const blockPerson = (deps: RightsDeps, { number, reason, by }: PersonAction): Promise<PlacedHold> =>
  placeHold(deps, { on: { number }, kind: 'block', reason, by, expiresAt: null })

/**
 * Lifts every block on a caller.
 *
 * @returns how many there were
 * @throws AppError `not-found` where there is none
 */
export async function unblockPerson(deps: RightsDeps, { number, reason, by }: PersonAction): Promise<number> {
  const blocks = (await listHoldsOn(deps.db, number)).filter(({ kind }) => kind === 'block')
  if (blocks.length === 0) throw new AppError('not-found', 'Nothing is blocked for this number.')
  for (const { id } of blocks) await releaseHold(deps, id, { kind: 'block', reason, by })
  return blocks.length
}
