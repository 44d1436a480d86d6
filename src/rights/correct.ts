import { placeHold, releaseHold } from '../retention/holds.js'
import { type HoldSummary, listHoldsOn } from '../retention/list-holds.js'
import { AppError } from '../shared/errors.js'
import { event } from '../shared/events.js'
import type { PersonAction } from './block.js'
import { eraseReplacedNumber, listCallsOf } from './personal-rows.js'
import { JOURNAL_TIMEOUT_MS, type RightsDeps } from './rights-deps.js'

/** Calls whose correction is journalled at once. */
const BATCH_SIZE = 500

/**
 * Sets right whose calls these were: each gets the other number from a new event, and the wrong one is erased. Holds and
 * blocks on the wrong number go along, and keep what they kept at every moment. May be run again after an interruption.
 *
 * @returns how many calls were corrected
 * @throws AppError `rights.invalid` where nothing would change; `not-found` where there are neither calls nor holds of it;
 *   `journal.*`
 */
export async function correctPerson(
  deps: RightsDeps,
  { number, reason, by, to }: PersonAction & { to: string },
): Promise<number> {
  const { db, journal, clock } = deps
  if (to === number) throw new AppError('rights.invalid', 'The corrected number is the same.')
  // What an interrupted run may have left.
  await eraseReplacedNumber(db, number)
  const calls = await listCallsOf(db, number)
  const holds = await listNumberHolds(deps, number)
  if (calls.length + holds.length === 0)
    throw new AppError('not-found', 'There are no calls of this number, and no holds on it.')
  await copyHolds(deps, to, holds)
  for (let i = 0; i < calls.length; i += BATCH_SIZE) {
    const at = clock.now()
    const corrected = calls
      .slice(i, i + BATCH_SIZE)
      .map(call => event('person.corrected', call, at, { by, reason }, { caller: to }))
    await journal.append(corrected, JOURNAL_TIMEOUT_MS)
  }
  await eraseReplacedNumber(db, number)
  await db.updateTable('rights_request').set({ number: to }).where('number', '=', number).execute()
  for (const { id, kind } of holds)
    await releaseHold(deps, id, { kind, reason: `number corrected: ${reason}`, by })
  return calls.length
}

/** Places on a number the holds that another has, but for those that an earlier run placed before it was interrupted. */
async function copyHolds(deps: RightsDeps, number: string, holds: readonly HoldSummary[]): Promise<void> {
  const existing = await listNumberHolds(deps, number)
  for (const hold of holds) {
    if (existing.some(other => isSameHold(hold, other))) continue
    const { kind, reason, by } = hold
    const expiresAt = hold.expiresAt === null ? null : new Date(hold.expiresAt)
    await placeHold(deps, { on: { number }, kind, reason, by, expiresAt })
  }
}

const listNumberHolds = async ({ db }: RightsDeps, number: string): Promise<HoldSummary[]> =>
  (await listHoldsOn(db, number)).filter(({ on }) => 'number' in on)

const isSameHold = (one: HoldSummary, other: HoldSummary): boolean =>
  one.kind === other.kind && one.reason === other.reason && one.expiresAt === other.expiresAt
