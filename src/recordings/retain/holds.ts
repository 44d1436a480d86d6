/*
 * Retention decides how long recordings and personal data are kept, and the purge destroys them afterwards. Holds and blocks keep
 * recordings longer. The purge runs only when the current day is certain. The folder `acts` shows acts of destruction as documents.
 */

import type { Clock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { type EventData, event } from '../../core/events.js'
import { type HoldId, isUuid, newHoldId } from '../../core/ids.js'
import type { EventSink } from '../../core/ports.js'
import { type Db, sql } from '../../db/database.js'
import { takeTurn } from '../../db/locks.js'
import type { HoldKind } from '../../journal/read/holds.js'
import { keptRecordings } from '../../journal/read/holds-in-force.js'
import type { HoldTarget } from './hold-target.js'

/** How long the journal may take to confirm an event, ms. It is short because a person waits at a terminal. */
export const JOURNAL_TIMEOUT_MS = 10_000

/** What holds and the rights of data subjects work with. */
export interface HoldDeps {
  db: Db
  journal: EventSink
  clock: Clock
}

/** A hold or block to place. */
export interface HoldRequest {
  on: HoldTarget
  kind: HoldKind
  reason: string
  by: string
  /** The hold ends at this moment. Null: the hold keeps recordings until it is released. */
  expiresAt: Date | null
}

/** A hold that was placed, with the number of recordings on which it is placed. */
export interface PlacedHold {
  hold: HoldId
  /** Recordings that the hold keeps now. */
  kept: number
  /** Recordings that the hold cannot keep, because they are destroyed or assigned to an act. */
  gone: number
}

/**
 * Places a hold or a block. Destruction assigns recordings to an act under the same lock. No purge and no erasure can
 * therefore destroy a recording that is counted as kept.
 *
 * @throws AppError `journal.*`; the hold is then not placed. After `journal.timeout` it may be placed: the list of
 *   holds then has it.
 */
export function placeHold({ db, journal, clock }: HoldDeps, request: HoldRequest): Promise<PlacedHold> {
  const { on, kind, reason, by, expiresAt } = request
  const hold = newHoldId()
  return db.transaction().execute(async trx => {
    await takeTurn(trx, 'holds')
    // The row follows from the event, in its transaction. If the outcome is unknown, both exist or neither.
    const data = { hold, kind, on: eventTarget(on), reason, by, expiresAt: expiresAt?.toISOString() ?? null }
    const placed = event(
      'hold.placed',
      null,
      clock.now(),
      data,
      'number' in on ? { number: on.number } : undefined,
    )
    await journal.append([placed], JOURNAL_TIMEOUT_MS)
    return { hold, ...(await countRecordings(trx, hold)) }
  })
}

/**
 * Releases a hold or block. The retention of its recordings applies again.
 *
 * @throws AppError `not-found` if no hold or block of this kind with this id is in force; `journal.*`
 */
export async function releaseHold(
  { db, journal, clock }: HoldDeps,
  id: string,
  { kind, reason, by }: { kind: HoldKind; reason: string; by: string },
): Promise<void> {
  await db.transaction().execute(async trx => {
    // Of two releases at once, the second one finds the hold released.
    await takeTurn(trx, 'holds')
    const inForce = isUuid(id)
      ? await trx
          .selectFrom('hold')
          .where('id', '=', id as HoldId)
          .where('kind', '=', kind)
          .where('released_at', 'is', null)
          .select('id')
          .executeTakeFirst()
      : undefined
    if (!inForce)
      throw new AppError('not-found', `No ${kind} with the id ${id} is in force. See consentry hold list.`)
    await journal.append(
      [event('hold.released', null, clock.now(), { hold: inForce.id, by, reason })],
      JOURNAL_TIMEOUT_MS,
    )
  })
}

function eventTarget(on: HoldTarget): EventData['hold.placed']['on'] {
  if ('number' in on) return 'number'
  if ('from' in on) return { from: on.from.toISOString(), to: on.to.toISOString() }
  return on
}

async function countRecordings(db: Db, hold: HoldId): Promise<{ kept: number; gone: number }> {
  const { rows } = await sql<{ kept: number; gone: number }>`
    select count(*) filter (where state not in ('destroying', 'destroyed'))::int as kept,
      count(*) filter (where state in ('destroying', 'destroyed'))::int as gone
    from (${keptRecordings(new Date())}) k join recording r on r.id = k.recording
    where k.hold = ${hold} and r.state not in ('empty', 'failed')`.execute(db)
  return rows[0]!
}
