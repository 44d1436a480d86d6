import { placeHold, releaseHold } from '../retention/holds.js'
import { holdsOn } from '../retention/list-holds.js'
import { AppError } from '../shared/errors.js'
import { event } from '../shared/events.js'
import type { Stated } from './block.js'
import { callsOf, eraseCorrected } from './personal-rows.js'
import { JOURNAL_MS, type RightsDeps } from './rights-deps.js'

/** Calls whose correction is journalled at once. */
const BATCH = 500

/**
 * Sets right whose calls these were: each gets the other number from a new event, and the wrong one is erased. Holds and blocks on the
 * wrong number go along, and keep what they kept at every moment. May be run again after an interruption.
 *
 * @returns how many calls were corrected
 * @throws AppError `rights.invalid` where nothing would change; `not-found` where there are no such calls; `journal.*`
 */
export async function correctPerson(
  deps: RightsDeps,
  { number, reason, by, to }: Stated & { to: string },
): Promise<number> {
  const { db, journal, clock } = deps
  if (to === number) throw new AppError('rights.invalid', 'The corrected number is the same.')
  const calls = await callsOf(db, number)
  if (calls.length === 0) throw new AppError('not-found', 'There are no calls of this number.')
  const holds = (await holdsOn(db, number)).filter(({ on }) => 'number' in on)
  for (const { kind, reason, by, expiresAt } of holds) {
    const until = expiresAt === null ? null : new Date(expiresAt)
    await placeHold(deps, { on: { number: to }, kind, reason, by, expiresAt: until })
  }
  for (let i = 0; i < calls.length; i += BATCH) {
    const at = clock.now()
    const corrected = calls
      .slice(i, i + BATCH)
      .map(call => event('person.corrected', call, at, { by, reason }, { caller: to }))
    await journal.append(corrected, JOURNAL_MS)
  }
  await eraseCorrected(db, number)
  await db.updateTable('rights_request').set({ number: to }).where('number', '=', number).execute()
  for (const { id, kind } of holds)
    await releaseHold(deps, id, { kind, reason: `number corrected: ${reason}`, by })
  return calls.length
}
