import { type Db, sql } from '../../db/database.js'
import { LOCKS } from '../../db/locks.js'
import { findLines, lastVersions } from '../../policy/line-rows.js'
import type { Line } from '../../policy/validate.js'
import type { Actor } from '../../shared/actor.js'
import type { Clock } from '../../shared/clock.js'
import { AppError } from '../../shared/errors.js'
import { type CallEvent, event } from '../../shared/events.js'
import type { LinePolicy } from '../../shared/policy.js'
import type { EventSink } from '../../shared/ports.js'
import { CONFIRM_MS } from '../deps.js'

/**
 * Largest size of both policies of an event, bytes of JSON. A leaf of the transparency log holds 65,535 bytes, and the rest of the
 * event takes some 300.
 */
const MAX_POLICY_BYTES = 65_000

export interface SaveLinesDeps {
  db: Db
  journal: EventSink
  clock: Clock
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
export async function saveLines(
  { db, journal, clock }: SaveLinesDeps,
  { name: by, way }: Actor,
  lines: readonly Line[],
  check: (trx: Db) => Promise<void> = async () => {},
): Promise<LinePolicy[]> {
  return db.transaction().execute(async trx => {
    await sql`select pg_advisory_xact_lock(${LOCKS.lines})`.execute(trx)
    await check(trx)
    const numbers = lines.map(({ number }) => number)
    const inForce = new Map((await findLines(trx, numbers)).map(line => [line.number, line]))
    const last = await lastVersions(trx, numbers)
    const events: CallEvent[] = []
    const saved: LinePolicy[] = []
    for (const line of lines) {
      const before = inForce.get(line.number) ?? null
      const after: LinePolicy = { ...line, version: (last.get(line.number) ?? 0) + 1 }
      requireLoggable(before, after)
      events.push(event('line.changed', null, clock.now(), { by, way, before, after }))
      inForce.set(line.number, after)
      last.set(line.number, after.version)
      saved.push(after)
    }
    await journal.append(events, CONFIRM_MS)
    return saved
  })
}

function requireLoggable(before: LinePolicy | null, after: LinePolicy): void {
  if (Buffer.byteLength(JSON.stringify([before, after])) <= MAX_POLICY_BYTES) return
  throw new AppError(
    'policy.invalid',
    `Line ${after.number} is too long to be journalled with its old version: shorten its legal bases and reasons.`,
  )
}
