/*
 * Rights serves requests of data subjects: find, copy, correct, block and erase, each with its legal deadline. Everything that
 * is done about a person is journalled before it takes effect. The folder `incident` keeps the records of incidents.
 */

import type { Db } from '../db/database.js'
import { recordingHolds } from '../journal/read/holds.js'
import {
  type CallSummary,
  type LocateObject,
  listCalls,
  type RecordingSummary,
} from '../journal/read/timeline.js'
import type { HoldSummary } from '../retention/list-holds.js'
import { listHoldsOn } from '../retention/list-holds.js'
import { event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import { type Listen, listListens } from './listens.js'
import { listRequests, type RequestSummary } from './requests.js'
import { JOURNAL_TIMEOUT_MS, type RightsDeps } from './rights-deps.js'

/** A limit that no person reaches. The query needs a number. */
const NO_LIMIT = 2_147_483_647

/** Everything that is stored about one number. Times are ISO 8601, UTC. */
export interface PersonFound {
  number: string
  /** Latest first. */
  calls: CallSummary[]
  /** The recordings of these calls, including destroyed ones. */
  recordings: (RecordingSummary & { call: CallId; startedAt: string })[]
  /** Who listened to the recordings or took a copy, latest first. */
  listens: Listen[]
  /** The requests of the person, open and closed. */
  requests: RequestSummary[]
  /** Holds and blocks in force that keep any of these recordings. */
  holds: HoldSummary[]
  /** Incidents that concern the person. */
  incidents: { number: number; what: string; noticedAt: string }[]
}

/**
 * Finds everything that is stored about one caller. The search is journalled before the result is returned.
 *
 * @param number the caller's number, as the PBX gives it
 * @param by who searches
 * @throws AppError `journal.*`, and the errors of the database
 */
export async function findPerson(
  deps: RightsDeps & { locate: LocateObject },
  number: string,
  by: string,
): Promise<PersonFound> {
  const found = await collectPerson(deps, number)
  const search = event('person.found', null, deps.clock.now(), { by, calls: found.calls.length }, { number })
  await deps.journal.append([search], JOURNAL_TIMEOUT_MS)
  return found
}

/** Collects the same without an event. The caller of this function must journal its own use. */
export async function collectPerson(
  { db, clock, locate }: Pick<RightsDeps, 'db' | 'clock'> & { locate: LocateObject },
  number: string,
): Promise<PersonFound> {
  const calls = await listCalls(db, locate, { caller: number, limit: NO_LIMIT })
  const recordings = calls.flatMap(({ id: call, startedAt, recordings }) =>
    recordings.map(recording => ({ call, startedAt, ...recording })),
  )
  const ids = recordings.map(({ id }) => id)
  const keeping = await recordingHolds(db, ids)
  const [listens, requests, holds, incidents] = await Promise.all([
    listListens(
      db,
      calls.map(({ id }) => id),
    ),
    listRequests(db, clock.now(), number),
    listHoldsOn(db, number, [...new Set(keeping.map(({ hold }) => hold))]),
    listIncidentsOf(db, number),
  ])
  return { number, calls, recordings, listens, requests, holds, incidents }
}

async function listIncidentsOf(db: Db, number: string) {
  const rows = await db
    .selectFrom('incident')
    .select(['number', 'what', 'noticed_at'])
    .where('id', 'in', db.selectFrom('incident_item').select('incident').where('person', '=', number))
    .orderBy('noticed_at', 'desc')
    .execute()
  return rows.map(({ noticed_at, ...row }) => ({ ...row, noticedAt: noticed_at.toISOString() }))
}
