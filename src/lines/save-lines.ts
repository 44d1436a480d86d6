import { CONFIRM_MS } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import type { Clock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { type CallEvent, type EventData, event, withDeterministicId } from '../core/events.js'
import { text } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import type { EventSink } from '../core/ports.js'
import type { Db } from '../db/database.js'
import { takeTurn } from '../db/locks.js'
import { statedFields } from './inherit.js'
import { findLines, lastVersions } from './line-rows.js'
import type { Line } from './validate.js'

/**
 * Largest size of the data of an event with both policies, bytes of JSON. The journal takes 60,000 of PostgreSQL's JSON, which has a
 * blank after each comma and colon.
 */
const MAX_EVENT_BYTES = 57_000

export interface SaveLinesDeps {
  db: Db
  journal: EventSink
  clock: Clock
}

/** A line to save, with its origin. */
export interface LineChange
  extends Pick<EventData['line.changed'], 'stated' | 'group' | 'draft' | 'approval'> {
  line: Line
}

/**
 * Saves each line as its next version and puts that into force: all lines, or none. The journal writes the `line.changed`
 * events, and its projection the rows of the new versions, in one transaction. The transaction in this file only holds a lock: one
 * change runs at a time, so that two changes do not get the same version.
 *
 * @param lines checked lines; the same number may occur twice, as two versions
 * @param check called under the lock; what it throws prevents the change
 * @returns the new versions, in the order given
 * @throws AppError `policy.invalid` if a line is too long for the journal; `journal.*`: nothing is saved, except after
 *   `journal.timeout`, when all may be
 */
export const saveLines = (
  { db, ...deps }: SaveLinesDeps,
  actor: Actor,
  lines: readonly Line[],
): Promise<LinePolicy[]> =>
  saveChanges(
    { db, ...deps },
    actor,
    lines.map(line => ({ line, stated: statedFields({ ...line }) })),
  )

/** Saves lines as `saveLines`, with their origins. */
export const saveChanges = (
  { db, ...deps }: SaveLinesDeps,
  actor: Actor,
  changes: readonly LineChange[],
): Promise<LinePolicy[]> =>
  db.transaction().execute(async trx => {
    await lockLines(trx)
    return saveUnderLock(trx, deps, actor, changes)
  })

/** Lets one change of lines run at a time. The lock is released at the end of the transaction. */
export const lockLines = (trx: Db): Promise<unknown> => takeTurn(trx, 'lines')

/**
 * As `saveChanges`, in a transaction that holds the lock of `lockLines`.
 *
 * @param first events that the journal gets before those of the lines, in the same transaction
 */
export async function saveUnderLock(
  trx: Db,
  { journal, clock }: Omit<SaveLinesDeps, 'db'>,
  { name: by, way }: Actor,
  changes: readonly LineChange[],
  first: readonly CallEvent[] = [],
): Promise<LinePolicy[]> {
  const numbers = changes.map(({ line }) => line.number)
  const inForce = new Map((await findLines(trx, numbers)).map(line => [line.number, line]))
  const last = await lastVersions(trx, numbers)
  const events: CallEvent[] = [...first]
  const saved: LinePolicy[] = []
  for (const { line, ...origin } of changes) {
    const before = inForce.get(line.number) ?? null
    const after: LinePolicy = { ...line, version: (last.get(line.number) ?? 0) + 1 }
    const data = { by, way, before, after, ...origin }
    requireLoggable(data)
    const changed = event('line.changed', null, clock.now(), data)
    const { draft } = origin
    events.push(draft ? withDeterministicId(changed, `${draft.id} ${draft.revision}`) : changed)
    inForce.set(line.number, after)
    last.set(line.number, after.version)
    saved.push(after)
  }
  await journal.append(events, CONFIRM_MS)
  return saved
}

function requireLoggable(data: EventData['line.changed']): void {
  if (Buffer.byteLength(JSON.stringify(data)) <= MAX_EVENT_BYTES) return
  throw new AppError(
    'policy.invalid',
    text`Line ${data.after.number} is too long to be journalled with its old version: shorten its legal bases and reasons.`,
  )
}
