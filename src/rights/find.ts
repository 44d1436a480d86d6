import type { Db } from '../db/database.js'
import { recordingHolds } from '../journal/read/holds.js'
import {
  type CallSummary,
  type LocateObject,
  listCalls,
  type RecordingSummary,
} from '../journal/read/timeline.js'
import type { HoldTold } from '../retention/list-holds.js'
import { holdsOn } from '../retention/list-holds.js'
import { event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import { type Listen, listensTo } from './listens.js'
import { listRequests, type RequestTold } from './requests.js'
import { JOURNAL_MS, type RightsDeps } from './rights-deps.js'

/** More calls than one person makes; PostgreSQL wants a number. */
const ALL = 2_147_483_647

/** Everything that is known of one number. Times are ISO 8601, UTC. */
export interface PersonFound {
  number: string
  /** Latest first. */
  calls: CallSummary[]
  /** Those of the calls, also what was destroyed. */
  recordings: (RecordingSummary & { call: CallId; startedAt: string })[]
  /** Who listened to them or took a copy, latest first. */
  listens: Listen[]
  /** What the person asked for, open and closed. */
  requests: RequestTold[]
  /** Holds and blocks in force that keep any of it. */
  holds: HoldTold[]
  /** Incidents that concern the person. */
  incidents: { number: number; what: string; noticedAt: string }[]
}

/**
 * Finds everything about one caller's number, and journals that it was looked for before it is told.
 *
 * @throws AppError `journal.*`: then nothing is told
 */
export async function findPerson(
  deps: RightsDeps & { locate: LocateObject },
  number: string,
  by: string,
): Promise<PersonFound> {
  const found = await lookUp(deps, number)
  const search = event('person.found', null, deps.clock.now(), { by, calls: found.calls.length }, { number })
  await deps.journal.append([search], JOURNAL_MS)
  return found
}

/** The same without a trace; for what leaves one of its own. */
export async function lookUp(
  { db, clock, locate }: Pick<RightsDeps, 'db' | 'clock'> & { locate: LocateObject },
  number: string,
): Promise<PersonFound> {
  const calls = await listCalls(db, locate, { caller: number, limit: ALL })
  const recordings = calls.flatMap(({ id: call, startedAt, recordings }) =>
    recordings.map(recording => ({ call, startedAt, ...recording })),
  )
  const ids = recordings.map(({ id }) => id)
  const keeping = await recordingHolds(db, ids)
  const [listens, requests, holds, incidents] = await Promise.all([
    listensTo(
      db,
      calls.map(({ id }) => id),
    ),
    listRequests(db, clock.now(), number),
    holdsOn(db, number, [...new Set(keeping.map(({ hold }) => hold))]),
    incidentsOf(db, number),
  ])
  return { number, calls, recordings, listens, requests, holds, incidents }
}

async function incidentsOf(db: Db, number: string) {
  const rows = await db
    .selectFrom('incident')
    .select(['number', 'what', 'noticed_at'])
    .where('id', 'in', db.selectFrom('incident_item').select('incident').where('person', '=', number))
    .orderBy('noticed_at', 'desc')
    .execute()
  return rows.map(({ noticed_at, ...row }) => ({ ...row, noticedAt: noticed_at.toISOString() }))
}
