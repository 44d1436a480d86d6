import type { Db } from '../db/database.js'
import { holdKinds } from '../journal/read/holds.js'
import { AppError } from '../shared/errors.js'
import { type EventData, event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import { JOURNAL_TIMEOUT_MS, type RightsDeps } from './rights-deps.js'

/** The record that a person listened to a recording, or took a copy. */
export type Listen = EventData['recording.opened'] & {
  call: CallId
  /** ISO 8601, UTC. */
  at: string
}

/** Lists who listened to the recordings of these calls, latest first. */
export async function listListens(db: Db, calls: readonly CallId[]): Promise<Listen[]> {
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
 * Journals that a person is about to listen. No audio may be given out before this resolves.
 *
 * @throws AppError `not-found`; `rights.blocked` for a blocked recording; `journal.*`
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
  if (!row) throw new AppError('not-found', `No recording has the id ${recording}. See consentry calls.`)
  if ((await holdKinds(db, [recording])).get(recording) === 'block')
    throw new AppError(
      'rights.blocked',
      `Recording ${recording} is blocked. Nobody can play it until it is unblocked; see consentry rights unblock.`,
    )
  await journal.append([event('recording.opened', row.call_id, clock.now(), listen)], JOURNAL_TIMEOUT_MS)
}
