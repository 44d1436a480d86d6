import { requireRight } from '../accounts/deeds.js'
/*
 * This room collects what is stored about a data subject, selects the contents of a copy, computes the legal deadline
 * of each request, and keeps the records of incidents. `erase-person.ts` and its neighbours do what data subjects ask for.
 */

import { CONFIRM_MS, type Deps, type JournalledDeps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import type { Clock } from '../core/clock.js'
import { type EventData, event } from '../core/events.js'
import type { CallId } from '../core/ids.js'
import { withTyped } from '../core/typed-text.js'
import type { Db } from '../db/database.js'
import { type HeardRecording, heardIn } from '../journal/read/heard-in.js'
import { recordingHolds } from '../journal/read/holds.js'
import {
  type CallSummary,
  type LocateObject,
  listCalls,
  type RecordingSummary,
} from '../journal/read/timeline.js'
import { meantNumber } from '../recordings/calls/check-number.js'
import { type HoldSummary, listHoldsOn } from '../recordings/retain/holds.js'
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

/** The record that a person listened to a recording, or took a copy. `reason` is empty once it was erased with the caller's data. */
type Listen = EventData['recording.opened'] & {
  call: CallId
  /** ISO 8601, UTC. */
  at: string
}

/** Lists who listened to the recordings of these calls, latest first. */
async function listListens(db: Db, calls: readonly CallId[]): Promise<Listen[]> {
  if (calls.length === 0) return []
  const rows = await db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['call_id', 'at', 'event.data', 'event_personal.data as personal'])
    .where('call_id', 'in', calls)
    .where('type', '=', 'recording.opened')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ call_id, at, data, personal }) => ({
    call: call_id!,
    at: at.toISOString(),
    ...{ ...withTyped('recording.opened', { by: '', reason: '', ...data }, personal) },
  }))
}

/**
 * Finds everything that is stored about one caller. The search is journalled before the result is returned.
 *
 * @param typed the caller's number, as the PBX gives it or as people write it
 * @throws AppError `request.invalid` for an empty number; `journal.*`, and the errors of the database
 */
export async function findPerson(
  deps: JournalledDeps & Pick<Deps, 'store'>,
  actor: Actor,
  typed: string,
): Promise<PersonFound> {
  requireRight(actor, 'person.find')
  const { name: by } = actor
  const { journal, clock, store } = deps
  const number = await meantNumber(deps.db, typed)
  const found = await collectPerson({ ...deps, locate: object => store.locate(object) }, number)
  const search = event('person.found', null, clock.now(), { by, calls: found.calls.length }, { number })
  await journal.append([search], CONFIRM_MS)
  return found
}
