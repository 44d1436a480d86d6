import { placeHold, releaseHold } from '../../retention/holds.js'
import { type HoldSummary, listHoldsOn } from '../../retention/list-holds.js'
import { rewritePersonalTables } from '../../retention/rewrite-personal-tables.js'
import { eraseReplacedNumber, listCallsOf } from '../../rights/personal-rows.js'
import { listRequests } from '../../rights/requests.js'
import type { Actor } from '../../shared/actor.js'
import { AppError } from '../../shared/errors.js'
import { event } from '../../shared/events.js'
import { plainNumber } from '../../shared/typed-number.js'
import { checkNumber, meantNumber } from '../check-number.js'
import { CONFIRM_MS, type Deps, type JournalledDeps } from '../deps.js'
import type { PersonAction } from './block-person.js'

/** Corrections journalled at once. */
const BATCH_SIZE = 500

/**
 * Corrects the number of a caller. Each call gets the correct number from a new event, the wrong number is erased, and requests move
 * to the correct one. Holds and blocks are first placed on the correct number and then released on the wrong one, so that they never
 * stop keeping recordings. An interrupted correction can be run again: it does what is left.
 *
 * @param action.to the correct number
 * @returns the number of calls that were corrected now
 * @throws AppError `request.invalid` for an empty number; `rights.invalid` if both numbers are the same; `not-found` if nothing has the
 *   wrong number: no call, no hold, no request; `journal.*`
 */
export async function correctPerson(
  deps: JournalledDeps & Pick<Deps, 'log'>,
  { name: by }: Actor,
  { number: typed, reason, to: typedTo }: PersonAction & { to: string },
): Promise<number> {
  const { db, journal, clock } = deps
  const number = await meantNumber(db, typed)
  checkNumber(typedTo)
  const to = plainNumber(typedTo)
  if (to === number)
    throw new AppError('rights.invalid', 'The corrected number is the same as the wrong one.')
  // An interrupted run may have left the wrong number, and requests on it, although all calls have the correct one.
  const erased = await eraseReplacedNumber(db, number)
  const calls = await listCallsOf(db, number)
  const holds = await listNumberHolds(deps, number)
  const requests = await listRequests(db, clock.now(), number)
  if (erased + calls.length + holds.length + requests.length === 0)
    throw new AppError(
      'not-found',
      'No calls have this number, and no holds and requests are on it. Write it as the PBX gives it.',
    )
  await copyHolds(deps, to, holds)
  for (let i = 0; i < calls.length; i += BATCH_SIZE) {
    const at = clock.now()
    const corrected = calls
      .slice(i, i + BATCH_SIZE)
      .map(call => event('person.corrected', call, at, { by, reason }, { caller: to }))
    await journal.append(corrected, CONFIRM_MS)
  }
  // Who moves requests is journalled, also where no call is left that says so.
  if (calls.length === 0 && requests.length > 0)
    await journal.append([event('person.corrected', null, clock.now(), { by, reason })], CONFIRM_MS)
  await db.transaction().execute(async trx => {
    await eraseReplacedNumber(trx, number)
    await trx.updateTable('rights_request').set({ number: to }).where('number', '=', number).execute()
  })
  for (const { id, kind } of holds)
    await releaseHold(deps, id, { kind, reason: `number corrected: ${reason}`, by })
  await rewritePersonalTables(deps)
  return calls.length
}

/** Places the same holds on a number. Holds that an interrupted run placed already are skipped. */
async function copyHolds(deps: JournalledDeps, number: string, holds: readonly HoldSummary[]): Promise<void> {
  const existing = await listNumberHolds(deps, number)
  for (const hold of holds) {
    if (existing.some(other => isSameHold(hold, other))) continue
    const { kind, reason, by } = hold
    const expiresAt = hold.expiresAt === null ? null : new Date(hold.expiresAt)
    await placeHold(deps, { on: { number }, kind, reason, by, expiresAt })
  }
}

const listNumberHolds = async ({ db }: JournalledDeps, number: string): Promise<HoldSummary[]> =>
  (await listHoldsOn(db, number)).filter(({ on }) => 'number' in on)

const isSameHold = (one: HoldSummary, other: HoldSummary): boolean =>
  one.kind === other.kind && one.reason === other.reason && one.expiresAt === other.expiresAt
