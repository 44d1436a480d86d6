import { type Db, sql } from '../db/database.js'
import { LOCKS } from '../db/locks.js'
import type { HoldKind } from '../journal/read/holds.js'
import type { Clock } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'
import { type EventData, event } from '../shared/events.js'
import { type HoldId, isUuid, newHoldId } from '../shared/ids.js'
import type { EventSink } from '../shared/ports.js'
import type { HoldTarget } from './hold-target.js'

/** How long the journal may take to confirm, ms: somebody waits at a terminal. */
export const JOURNAL_MS = 10_000

export interface HoldDeps {
  db: Db
  journal: EventSink
  clock: Clock
}

export interface HoldWanted {
  on: HoldTarget
  kind: HoldKind
  reason: string
  by: string
  /** From this moment on it keeps nothing; null: until it is released. */
  expiresAt: Date | null
}

/** What a hold found when it was placed. */
export interface Placed {
  hold: HoldId
  /** Recordings that it keeps now. */
  kept: number
  /** Recordings that it would have kept, had it come before they were destroyed or began to be. */
  gone: number
}

/**
 * Places a hold, or a block. Whoever destroys marks recordings under the lock that is taken here, so that a hold is before
 * it or after it: what is counted as kept, no purge and no erasure takes.
 *
 * @throws AppError `journal.*`: then nothing is held
 */
export function placeHold({ db, journal, clock }: HoldDeps, wanted: HoldWanted): Promise<Placed> {
  const { on, kind, reason, by, expiresAt } = wanted
  const hold = newHoldId()
  return db.transaction().execute(async trx => {
    await sql`select pg_advisory_xact_lock(${LOCKS.holds})`.execute(trx)
    const row = { id: hold, kind, reason, placed_by: by, expires_at: expiresAt, ...columnsOf(on) }
    await trx.insertInto('hold').values(row).execute()
    const counts = await countOf(trx, hold)
    // Committed before the row is: what keeps is journalled, or does not keep.
    const data = { hold, kind, on: toldOf(on), reason, by, expiresAt: expiresAt?.toISOString() ?? null }
    const placed = event(
      'hold.placed',
      null,
      clock.now(),
      data,
      'number' in on ? { number: on.number } : undefined,
    )
    await journal.append([placed], JOURNAL_MS)
    return { hold, ...counts }
  })
}

/**
 * Releases a hold or block; what it kept follows its term again.
 *
 * @throws AppError `not-found` where there is none in force under this id
 */
export async function releaseHold(
  { db, journal, clock }: HoldDeps,
  id: string,
  { kind, reason, by }: { kind: HoldKind; reason: string; by: string },
): Promise<void> {
  await db.transaction().execute(async trx => {
    const released = isUuid(id)
      ? await trx
          .updateTable('hold')
          .set({ released_at: new Date(clock.now()), released_by: by })
          .where('id', '=', id as HoldId)
          .where('kind', '=', kind)
          .where('released_at', 'is', null)
          .returning('id')
          .executeTakeFirst()
      : undefined
    if (!released) throw new AppError('not-found', `There is no ${kind} in force with the id ${id}.`)
    await journal.append(
      [event('hold.released', null, clock.now(), { hold: released.id, by, reason })],
      JOURNAL_MS,
    )
  })
}

const columnsOf = (on: HoldTarget) => ({
  recording: 'recording' in on ? on.recording : null,
  call_id: 'call' in on ? on.call : null,
  number: 'number' in on ? on.number : null,
  from_at: 'from' in on ? on.from : null,
  to_at: 'from' in on ? on.to : null,
})

function toldOf(on: HoldTarget): EventData['hold.placed']['on'] {
  if ('number' in on) return 'number'
  if ('from' in on) return { from: on.from.toISOString(), to: on.to.toISOString() }
  return on
}

async function countOf(db: Db, hold: HoldId): Promise<{ kept: number; gone: number }> {
  const { rows } = await sql<{ kept: number; gone: number }>`
    select count(*) filter (where state not in ('destroying', 'destroyed'))::int as kept,
      count(*) filter (where state in ('destroying', 'destroyed'))::int as gone
    from kept_recordings(now()) k join recording r on r.id = k.recording
    where k.hold = ${hold} and r.state not in ('empty', 'failed')`.execute(db)
  return rows[0]!
}
