import type { Db } from '../db/database.js'
import type { RecordingState } from '../db/tables.js'
import { SAMPLE_RATE } from '../shared/audio.js'
import { AppError } from '../shared/errors.js'
import type { Answer, Decision, EventType } from '../shared/events.js'
import { type CallId, isUuid, type RecordingId } from '../shared/ids.js'
import type { Purpose } from '../shared/policy.js'
import { type CallFilter, callRows } from './call-rows.js'

/** One call as `consentry calls` prints it. Times are ISO 8601, UTC. */
export interface CallSummary {
  id: CallId
  /** Null when the dialled number is no line. */
  line: string | null
  /** The caller's number; null when the PBX had none, or once it was erased. */
  caller: string | null
  /** Null while nothing is decided. */
  decision: Decision | null
  /** In the order in which they were answered. */
  purposes: { purpose: Purpose; answer: Answer }[]
  startedAt: string
  /** Null while the call lasts. */
  endedAt: string | null
  recordings: RecordingSummary[]
}

export interface RecordingSummary {
  id: RecordingId
  purpose: Purpose
  /** Of the parts that are closed. */
  seconds: number
  /** Absolute paths of the containers, in the order of the parts. */
  files: string[]
  state: RecordingState
}

/** One call with everything that happened in it, in order, as `consentry call ID` prints it. */
export interface CallTimeline extends CallSummary {
  events: ({ at: string; type: EventType } & Record<string, unknown>)[]
}

/** Absolute path of a stored object, by its name in the object store. */
export type Locate = (object: string) => string

/** Never came to hold anything, so that there is nothing to list. */
const NOTHING_KEPT: readonly RecordingState[] = ['empty', 'failed']

/** Calls that `filter` lets through, latest first. */
export async function listCalls(db: Db, locate: Locate, filter: CallFilter = {}): Promise<CallSummary[]> {
  const calls = await callRows(db, filter)
  if (calls.length === 0) return []
  const ids = calls.map(({ id }) => id)
  const [answers, recordings] = await Promise.all([answersOf(db, ids), recordingsOf(db, ids)])
  return calls.map(({ id, line, caller, decision, started_at, ended_at }) => ({
    id,
    line,
    caller,
    decision,
    purposes: answers
      .filter(({ call_id }) => call_id === id)
      .map(({ purpose, answer }) => ({ purpose, answer })),
    startedAt: started_at.toISOString(),
    endedAt: ended_at?.toISOString() ?? null,
    recordings: summarise(
      recordings.filter(({ call_id }) => call_id === id),
      locate,
    ),
  }))
}

/**
 * One call's timeline.
 *
 * @throws AppError `not-found`
 */
export function readCall(db: Db, locate: Locate, id: string): Promise<CallTimeline> {
  // One snapshot: what the tables say and what the events say must be of the same moment.
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(trx => readIn(trx, locate, id))
}

async function readIn(db: Db, locate: Locate, id: string): Promise<CallTimeline> {
  const [call] = isUuid(id) ? await listCalls(db, locate, { id: id as CallId }) : []
  if (!call) throw new AppError('not-found', `There is no call ${isUuid(id) ? id : 'with such an id'}.`)
  const events = await db
    .selectFrom('event')
    .select(['at', 'type', 'data'])
    .where('call_id', '=', call.id)
    .orderBy('id')
    .execute()
  return { ...call, events: events.map(({ at, type, data }) => ({ at: at.toISOString(), type, ...data })) }
}

const answersOf = (db: Db, calls: CallId[]) =>
  db
    .selectFrom('answer')
    .innerJoin('event', 'event.uuid', 'answer.event')
    .select(['answer.call_id', 'answer.purpose', 'answer.answer'])
    .where('answer.call_id', 'in', calls)
    .orderBy('event.id')
    .execute()

const recordingsOf = (db: Db, calls: CallId[]) =>
  db
    .selectFrom('recording')
    .innerJoin('event as answered', 'answered.uuid', 'recording.basis')
    .leftJoin('part', 'part.recording_id', 'recording.id')
    .select(['recording.id', 'recording.call_id', 'purpose', 'state', 'seconds', 'object', 'samples'])
    .where('recording.call_id', 'in', calls)
    .where('state', 'not in', NOTHING_KEPT)
    // Several may be prepared in the same millisecond, but each was answered on its own.
    .orderBy('answered.id')
    .orderBy('recording.id')
    .orderBy('part.number')
    .execute()

type RecordingRow = Awaited<ReturnType<typeof recordingsOf>>[number]

/** Rows are one a part; a recording that has none yet is one row without an object. */
function summarise(rows: RecordingRow[], locate: Locate): RecordingSummary[] {
  return [...new Set(rows.map(({ id }) => id))].map(id => {
    const parts = rows.filter(row => row.id === id)
    const { purpose, state, seconds } = parts[0]!
    const samples = parts.reduce((sum, part) => sum + (part.samples ?? 0), 0)
    return {
      id,
      purpose,
      seconds: seconds ?? samples / SAMPLE_RATE,
      files: parts.flatMap(({ object }) => (object === null ? [] : [locate(object)])),
      state,
    }
  })
}
