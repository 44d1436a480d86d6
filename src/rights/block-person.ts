import { requireRight } from '../accounts/deeds.js'
import type { JournalledDeps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { meantNumber } from '../recordings/calls/check-number.js'
import { listHoldsOn, type PlacedHold, placeHold, releaseHold } from '../recordings/retain/holds.js'

/** An action about one person. */
export interface PersonAction {
  /** The caller's number, as the PBX gives it or as people write it. */
  number: string
  reason: string
}

/**
 * Blocks the recordings of a caller, including later ones. While blocked they cannot be played, exported, purged or
 * erased.
 *
 * @throws AppError `request.invalid` for an empty number; `journal.*`; nothing is then blocked
 */
export async function blockPerson(
  deps: JournalledDeps,
  actor: Actor,
  { number: typed, reason }: PersonAction,
): Promise<PlacedHold> {
  requireRight(actor, 'person.block')
  const { name: by } = actor
  const number = await meantNumber(deps.db, typed)
  return placeHold(deps, { on: { number }, kind: 'block', reason, by, expiresAt: null })
}

/**
 * Releases every block on a caller.
 *
 * @returns the number of released blocks
 * @throws AppError `request.invalid` for an empty number; `not-found` if the caller is not blocked; `journal.*`
 */
export async function unblockPerson(
  deps: JournalledDeps,
  actor: Actor,
  { number: typed, reason }: PersonAction,
): Promise<number> {
  requireRight(actor, 'person.unblock')
  const { name: by } = actor
  const number = await meantNumber(deps.db, typed)
  const blocks = (await listHoldsOn(deps.db, number)).filter(({ kind }) => kind === 'block')
  if (blocks.length === 0)
    throw new AppError('not-found', 'This number is not blocked. Write it as the PBX gives it.')
  for (const { id } of blocks) await releaseHold(deps, id, { kind: 'block', reason, by })
  return blocks.length
}
