import { SAMPLE_RATE } from '../../core/audio.js'
import { AppError } from '../../core/errors.js'
import type { Answer, Decision, EventType } from '../../core/events.js'
import { type CallId, isUuid, type RecordingId } from '../../core/ids.js'
import type { Purpose } from '../../core/policy.js'
import { withTyped } from '../../core/typed-text.js'
import { type Db, sql } from '../../db/database.js'
import type { RecordingState } from '../../db/tables.js'
import { groupBy } from '../../lib/group-by.js'
import { type CallFilter, callRows } from './call-rows.js'
import { type HoldKind, holdKinds } from './holds.js'
import { ownSideSeconds } from './pauses.js'

/** One call as `consentry calls` prints it. Times are ISO 8601, UTC. */
export interface CallSummary {
  id: CallId
  /** Null if the dialled number is not a line. */
  line: string | null
  /** The caller's number. Null if the PBX had none or it was erased. */
  caller: string | null
  /** True for a probe call, which Consentry placed itself. */
  probe: boolean
  /** Null before the decision. */
  decision: Decision | null
  /** In the order of the answers. */
  purposes: AnswerSummary[]
  startedAt: string
  /** Null while the call lasts. */
  endedAt: string | null
  recordings: RecordingSummary[]
}

/** The answer to one question. */
export interface AnswerSummary {
  purpose: Purpose
  answer: Answer
  /** When the caller withdrew the yes, ISO 8601, UTC. Absent if the yes is in force, or the answer was not a yes. */
  withdrawnAt?: string
}

export interface RecordingSummary {
  id: RecordingId
  purpose: Purpose
  /** Length of all closed parts, s. */
  seconds: number
  /**
   * Length of the spans that have only the caller's side, by the line's rule for outsiders, s. Absent if there are
   * none.
   */
  ownSideSeconds?: number
  /**
   * Audio of the sides that is missing according to the journal, bytes of a-law (8,000 are a second of one side).
   * Absent without a gap.
   */
  lostBytes?: number
  /** Absolute paths of the containers, in the order of the parts. Empty once they are destroyed. */
  files: string[]
  /** `held` or `blocked` while a hold or block keeps the recording. */
  state: RecordingState
}

/** One call with all its events in order, as `consentry call ID` prints it. */
export interface CallTimeline extends CallSummary {
  events: ({ at: string; type: EventType } & Record<string, unknown>)[]
}

/** Converts a container's name in the store to an absolute path. */
export type LocateObject = (object: string) => string

/** Recordings in these states hold no audio and are not listed. */
const WITHOUT_AUDIO: readonly RecordingState[] = ['empty', 'failed']

/** Calls that match `filter`, latest first. */
export async function listCalls(
  db: Db,
  locate: LocateObject,
  filter: CallFilter = {},
): Promise<CallSummary[]> {
  const calls = await callRows(db, filter)
  if (calls.length === 0) return []
  const ids = calls.map(({ id }) => id)
  const [answers, recordings] = await Promise.all([answersOf(db, ids), recordingsOf(db, ids)])
  const holds = await holdKinds(db, [...new Set(recordings.map(recording => recording.id))])
  const answersTo = groupBy(answers, ({ call_id }) => call_id)
  const recordingsIn = groupBy(recordings, ({ call_id }) => call_id)
  const ownSide = await ownSideSeconds(db, [...recordingsIn.keys()])
  return calls.map(({ id, line, caller, probe, decision, started_at, ended_at }) => ({
    id,
    line,
    caller,
    probe,
    decision,
    purposes: (answersTo.get(id) ?? []).map(summariseAnswer),
    startedAt: started_at.toISOString(),
    endedAt: ended_at?.toISOString() ?? null,
    recordings: summariseRecordings(recordingsIn.get(id) ?? [], locate, holds).map(summary => ({
      ...summary,
      ...ownSide.get(summary.id)?.(summary.seconds),
    })),
  }))
}

/**
 * One call's timeline.
 *
 * @throws AppError `not-found`
 */
export function readCall(db: Db, locate: LocateObject, id: string): Promise<CallTimeline> {
  // One snapshot, because tables and events must be read at the same moment.
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(trx => readCallInSnapshot(trx, locate, id))
}

async function readCallInSnapshot(db: Db, locate: LocateObject, id: string): Promise<CallTimeline> {
  const [call] = isUuid(id) ? await listCalls(db, locate, { id: id as CallId }) : []
  if (!call) throw new AppError('not-found', `There is no call ${isUuid(id) ? id : 'with such an id'}.`)
  const events = await db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['at', 'type', 'event.data', 'event_personal.data as personal'])
    .where('call_id', '=', call.id)
    .orderBy('id')
    .execute()
  const withPersonal = events.map(({ at, type, data, personal }) => ({
    at: at.toISOString(),
    type,
    ...withTyped(type, data, personal),
  }))
  return { ...call, events: withPersonal }
}

const answersOf = (db: Db, calls: CallId[]) =>
  db
    .selectFrom('answer')
    .innerJoin('event', 'event.uuid', 'answer.event')
    .select(['answer.call_id', 'answer.purpose', 'answer.answer', 'answer.withdrawn_at'])
    .where('answer.call_id', 'in', calls)
    .orderBy('event.id')
    .execute()

type AnswerRow = Awaited<ReturnType<typeof answersOf>>[number]

const summariseAnswer = ({ purpose, answer, withdrawn_at }: AnswerRow): AnswerSummary => ({
  purpose,
  answer,
  ...(withdrawn_at && { withdrawnAt: withdrawn_at.toISOString() }),
})

const recordingsOf = (db: Db, calls: CallId[]) =>
  db
    .selectFrom('recording')
    .innerJoin('event as answered', 'answered.uuid', 'recording.basis')
    .leftJoin('part', 'part.recording_id', 'recording.id')
    .select([
      'recording.id',
      'recording.call_id',
      'purpose',
      'state',
      'seconds',
      'lost_bytes',
      'object',
      'samples',
    ])
    .where('recording.call_id', 'in', calls)
    .where('state', 'not in', WITHOUT_AUDIO)
    // Several recordings may be prepared in the same millisecond, so the order of their answers counts.
    .orderBy('answered.id')
    // The recording of an answer's words comes after the recordings that the answer allowed.
    .orderBy(sql`recording.keeps is not null`)
    .orderBy('recording.id')
    .orderBy('part.number')
    .execute()

type RecordingRow = Awaited<ReturnType<typeof recordingsOf>>[number]

/** @param rows one row per part; a recording without parts is one row without an object */
function summariseRecordings(
  rows: RecordingRow[],
  locate: LocateObject,
  holds: ReadonlyMap<RecordingId, HoldKind>,
): RecordingSummary[] {
  return [...groupBy(rows, ({ id }) => id)].map(([id, parts]) => {
    const { purpose, state, seconds, lost_bytes: lostBytes } = parts[0]!
    const samples = parts.reduce((sum, part) => sum + (part.samples ?? 0), 0)
    const objects = state === 'destroyed' ? [] : parts.flatMap(({ object }) => object ?? [])
    return {
      id,
      purpose,
      seconds: seconds ?? samples / SAMPLE_RATE,
      files: objects.map(locate),
      state: displayedState(state, holds.get(id)),
      ...(lostBytes > 0 && { lostBytes }),
    }
  })
}

/**
 * The state as it is shown. A hold or block is shown only for recordings that have ended and are not being destroyed.
 */
export function displayedState(state: RecordingState, hold: HoldKind | undefined): RecordingState {
  if (!hold || (state !== 'finished' && state !== 'truncated')) return state
  return hold === 'block' ? 'blocked' : 'held'
}
