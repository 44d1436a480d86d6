import { requireRight } from '../accounts/deeds.js'
import { CONFIRM_MS, type Deps, type JournalledDeps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { plainNumber } from '../core/typed-number.js'
import type { Db } from '../db/database.js'
import { checkNumber, meantNumber } from '../recordings/calls/check-number.js'
import {
  type HoldDeps,
  type HoldSummary,
  inTurnOfHolds,
  listHoldsOn,
  placeHoldIn,
  releaseHoldIn,
} from '../recordings/retain/holds.js'
import { rewritePersonalTables } from '../recordings/retain/rewrite-personal-tables.js'
import type { PersonAction } from './block-person.js'
import { eraseReplacedNumber, listCallsOf } from './personal-rows.js'
import { listRequests } from './requests.js'

/** Corrections journalled at once. */
const BATCH_SIZE = 500

/**
 * Corrects the number of a caller. Each call gets the correct number from a new event. The wrong number is erased, and
 * requests move to the correct one. Holds and blocks are placed on the correct number before they are released on the
 * wrong one, so that recordings stay protected throughout. Running an interrupted correction again completes it.
 *
 * @param action.to the correct number
 * @returns the number of calls corrected by this run
 * @throws AppError `request.invalid` for an empty number; `rights.invalid` if both numbers are the same; `not-found` if
 *   no call, hold or request has the wrong number; `journal.*`
 */
export async function correctPerson(
  deps: JournalledDeps & Pick<Deps, 'log'>,
  actor: Actor,
  { number: typed, reason, to: typedTo }: PersonAction & { to: string },
): Promise<number> {
  requireRight(actor, 'person.correct')
  const { name: by } = actor
  const { db, journal, clock } = deps
  const number = await meantNumber(db, typed)
  checkNumber(typedTo)
  const to = plainNumber(typedTo)
  if (to === number)
    throw new AppError('rights.invalid', 'The corrected number is the same as the wrong one.')
  const corrected = await inTurnOfHolds(db, trx =>
    correctIn({ journal, clock, db: trx }, { number, to, reason, by }),
  )
  await rewritePersonalTables(deps)
  return corrected
}

/** A number, its correction, why and by whom. */
interface Correction {
  number: string
  to: string
  reason: string
  by: string
}

/** Corrects while no hold can be placed on the wrong number. It would keep nothing once the number is erased. */
async function correctIn(deps: HoldDeps, { number, to, reason, by }: Correction): Promise<number> {
  const { db, journal, clock } = deps
  // An interrupted run may have corrected all calls and left the wrong number elsewhere, and requests on it.
  const erased = await eraseReplacedNumber(db, number)
  const calls = await listCallsOf(db, number)
  const holds = await listNumberHolds(db, number)
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
  // Without calls, no event yet names the actor who moves the requests. This one does.
  if (calls.length === 0 && requests.length > 0)
    await journal.append([event('person.corrected', null, clock.now(), { by, reason })], CONFIRM_MS)
  await eraseReplacedNumber(db, number)
  await db.updateTable('rights_request').set({ number: to }).where('number', '=', number).execute()
  for (const { id, kind } of holds)
    await releaseHoldIn(deps, id, { kind, reason: `number corrected: ${reason}`, by })
  return calls.length
}

/** Places the same holds on a number. Holds that an interrupted run placed already are skipped. */
async function copyHolds(deps: HoldDeps, number: string, holds: readonly HoldSummary[]): Promise<void> {
  const existing = await listNumberHolds(deps.db, number)
  for (const hold of holds) {
    if (existing.some(other => isSameHold(hold, other))) continue
    const { kind, reason, by } = hold
    const expiresAt = hold.expiresAt === null ? null : new Date(hold.expiresAt)
    await placeHoldIn(deps, { on: { number }, kind, reason, by, expiresAt })
  }
}

const listNumberHolds = async (db: Db, number: string): Promise<HoldSummary[]> =>
  (await listHoldsOn(db, number)).filter(({ on }) => 'number' in on)

const isSameHold = (one: HoldSummary, other: HoldSummary): boolean =>
  one.kind === other.kind && one.reason === other.reason && one.expiresAt === other.expiresAt
