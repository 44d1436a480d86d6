import type { Db } from '../db/database.js'
import { holdKinds } from '../journal/read/holds.js'
import { AppError } from '../shared/errors.js'
import { type EventData, event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import { JOURNAL_MS, type RightsDeps } from './rights-deps.js'

/** Somebody listened to a recording, or took a copy. */
export type Listen = EventData['recording.opened'] & {
  call: CallId
  /** ISO 8601, UTC. */
  at: string
}

/** Who listened to the recordings of these calls, latest first. */
export async function listensTo(db: Db, calls: readonly CallId[]): Promise<Listen[]> {
  if (calls.length === 0) return []
  const rows = await db
    .selectFrom('event')
    .select(['call_id', 'at', 'data'])
    .where('call_id', 'in', calls)
    .where('type', '=', 'recording.opened')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ call_id, at, data }) => ({
    call: call_id!,
    at: at.toISOString(),
    ...(data as unknown as EventData['recording.opened']),
  }))
}

/**
 * Journals that somebody is about to listen. Nothing of a recording may be given out before this has resolved.
 *
 * @throws AppError `not-found`; `rights.blocked` for what is blocked; `journal.*`
 */
export async function journalListen(
  { db, journal, clock }: RightsDeps,
  listen: EventData['recording.opened'],
): Promise<void> {
  const { recording } = listen
  const row = await db
    .selectFrom('recording')
    .select('call_id')
    .where('id', '=', recording)
    .executeTakeFirst()
  if (!row) throw new AppError('not-found', `There is no recording ${recording}.`)
  if ((await holdKinds(db, [recording])).get(recording) === 'block')
    throw new AppError(
      'rights.blocked',
      `Recording ${recording} is blocked: it is not played until it is unblocked.`,
    )
  await journal.append([event('recording.opened', row.call_id, clock.now(), listen)], JOURNAL_MS)
}
