/*
 * This room collects what is stored about a data subject, selects the contents of a copy, computes the legal deadline
 * of each request, and keeps the records of incidents. `erase-person.ts` and its neighbours do what data subjects ask for.
 */

import type { Clock } from '../core/clock.js'
import type { CallId } from '../core/ids.js'
import type { Db } from '../db/database.js'
import { type HeardRecording, heardIn } from '../journal/read/heard-in.js'
import { recordingHolds } from '../journal/read/holds.js'
import {
  type CallSummary,
  type LocateObject,
  listCalls,
  type RecordingSummary,
} from '../journal/read/timeline.js'
import type { HoldSummary } from '../recordings/retain/list-holds.js'
import { listHoldsOn } from '../recordings/retain/list-holds.js'
import { type Listen, listListens } from './listens.js'
import { listRequests, type RequestSummary } from './requests.js'

/** A limit above the number of calls of any person. The query needs a number. */
const NO_LIMIT = 2_147_483_647

/** Everything that is stored about one number. Times are ISO 8601, UTC. */
export interface PersonFound {
  number: string
  /** Latest first. */
  calls: CallSummary[]
  /** The recordings of these calls, including destroyed ones. */
  recordings: (RecordingSummary & { call: CallId; startedAt: string })[]
  /** The recordings of other callers in which this one is heard, including destroyed ones. */
  heardIn: HeardRecording[]
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
 * Collects everything that is stored about one caller. The caller of this function must journal its use.
 *
 * @param number the caller's number, as the PBX gives it
 */
export async function collectPerson(
  { db, clock, locate }: { db: Db; clock: Clock; locate: LocateObject },
  number: string,
): Promise<PersonFound> {
  const calls = await listCalls(db, locate, { caller: number, limit: NO_LIMIT })
  const recordings = calls.flatMap(({ id: call, startedAt, recordings }) =>
    recordings.map(recording => ({ call, startedAt, ...recording })),
  )
  const ids = recordings.map(({ id }) => id)
  const keepingHolds = await recordingHolds(db, ids)
  const callIds = calls.map(({ id }) => id)
  const [heard, listens, requests, holds, incidents] = await Promise.all([
    heardIn(db, callIds),
    listListens(db, callIds),
    listRequests(db, clock.now(), number),
    listHoldsOn(db, number, [...new Set(keepingHolds.map(({ hold }) => hold))]),
    listIncidentsOf(db, number),
  ])
  return { number, calls, recordings, heardIn: heard, listens, requests, holds, incidents }
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
