import { requireRight } from '../../accounts/deeds.js'
import type { JournalledDeps } from '../../accounts/deps.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import type { Db } from '../../db/database.js'
import { meantNumber } from '../calls/check-number.js'
import { type DatingDeps, requireClockForDate } from './day-check.js'
import {
  type HoldSummary,
  type HoldTarget,
  type PlacedHold,
  parseHoldTarget,
  placeHold,
  releaseHold,
  listHolds as selectHolds,
} from './holds.js'

export type { HoldSummary, PlacedHold } from './holds.js'

/** The subject of a hold: an id of a recording or call, a caller's number, or the recordings that began in a period. */
export type HoldOn = string | { from: Date; to: Date }

/**
 * Places a legal hold. It keeps recordings past their retention, against purge and erasure, until it is released or expires.
 *
 * @param hold.expiresAt null: only a release ends it
 * @throws AppError `request.invalid` for an end in the past, an empty period or an empty number; `not-found` for an id of nothing;
 *   `clock.doubtful` for a hold with an end, see `requireClockForDate`; `journal.*`; the hold is then not placed
 */
export async function addHold(
  deps: JournalledDeps & DatingDeps,
  actor: Actor,
  { on, reason, expiresAt }: { on: HoldOn; reason: string; expiresAt: Date | null },
): Promise<PlacedHold> {
  requireRight(actor, 'hold.add')
  const { name: by } = actor
  if (expiresAt) await requireClockForDate(deps, 'The hold was not placed.')
  if (expiresAt && expiresAt.getTime() <= deps.clock.now())
    throw new AppError('request.invalid', 'The end of the hold lies in the past.')
  return placeHold(deps, { on: await targetOf(deps.db, on), kind: 'hold', reason, by, expiresAt })
}

async function targetOf(db: Db, on: HoldOn): Promise<HoldTarget> {
  if (typeof on === 'string') return parseHoldTarget(db, await meantNumber(db, on))
  if (on.from < on.to) return on
  throw new AppError('request.invalid', 'The period of a hold must begin before its end.')
}

/**
 * Releases a legal hold. The retention of its recordings applies again.
 *
 * @throws AppError `not-found` if no hold with this id is in force; `journal.*`
 */
export async function removeHold(
  deps: JournalledDeps,
  actor: Actor,
  { hold, reason }: { hold: string; reason: string },
): Promise<void> {
  requireRight(actor, 'hold.remove')
  await releaseHold(deps, hold, { kind: 'hold', reason, by: actor.name })
}

/** Lists holds and blocks, latest first. @param options.all also those that are released or expired */
export const listHolds = (
  { db }: { db: Db },
  options: { all: boolean },
): Promise<(HoldSummary & { keeps: number })[]> => selectHolds(db, options)
