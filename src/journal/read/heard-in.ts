import type { CallId, RecordingId } from '../../core/ids.js'
import type { Purpose } from '../../core/policy.js'
import { type Db, sql } from '../../db/database.js'
import type { RecordingState } from '../../db/tables.js'
import { groupBy } from '../../lib/group-by.js'
import { holdKinds } from './holds.js'
import { displayedState } from './timeline.js'

/** A span between two moments, ISO 8601, UTC. `to`: null while it lasts. */
export interface Interval {
  from: string
  to: string | null
}

/** A recording of another caller in which a participant is heard who had agreed. */
export interface HeardRecording {
  recording: RecordingId
  /** The call of the other caller, to which the recording belongs. */
  call: CallId
  /** The participant's own call, in which they agreed. */
  heard: CallId
  purpose: Purpose
  state: RecordingState
  /**
   * When the participant withdrew on terms that promise the destruction, ISO 8601, UTC. Absent without such a
   * withdrawal.
   */
  withdrawnAt?: string
  /** When the participant could be heard in it, without pauses. */
  intervals: Interval[]
}

/** SQL for the event `e` from which on the participant of the call `c` can be heard in another call's recordings. */
export const begunHearing = sql`e.type in ('call.party-joined', 'call.party-agreed') and e.data ->> 'party' = c.id::text
  and (e.type = 'call.party-agreed' or e.data -> 'agreed' = 'true'::jsonb)`

/** SQL for the recordings `r` of the event's call that may contain audio from after the event `e`. */
const hearing = sql`r.call_id = e.call_id and r.keeps is null and (r.ended_at is null or r.ended_at > e.at)`

/** SQL for the recordings `r` in which the participant of the call `c` may still be heard after the event `e`. */
export const stillHearing = sql`${hearing} and r.state not in ('empty', 'failed', 'destroyed')`

/**
 * Finds the recordings of other calls in which the callers of these calls are heard: they joined the conversation, and
 * had agreed to everything that was recorded. It reads `call.party-joined`, `call.party-agreed` and `call.party-left`.
 * Destroyed recordings are listed, too.
 *
 * @returns by the beginning of the recording
 */
export async function heardIn(db: Db, calls: readonly CallId[]): Promise<HeardRecording[]> {
  if (calls.length === 0) return []
  // The planner does not know that the list has few calls, and would read all party events.
  const { rows: pairs } = await sql<Pair>`
    select distinct c.id as heard, c.ended_at as "heardUntil", r.id as recording, r.call_id as call, r.purpose, r.state,
      r.prepared_at as since, r.ended_at as until
    from call c join event e on ${begunHearing} join recording r on ${hearing}
    where c.id in (select unnest(${calls}::uuid[])) and r.state not in ('empty', 'failed')
    order by since, recording, heard`.execute(db)
  if (pairs.length === 0) return []
  const turns = groupBy(await turnsIn(db, [...new Set(pairs.map(({ call }) => call))]), ({ call }) => call)
  const withdrawals = groupBy(
    await withdrawalsIn(db, [...new Set(pairs.map(({ heard }) => heard))]),
    ({ call }) => call,
  )
  const holds = await holdKinds(db, [...new Set(pairs.map(({ recording }) => recording))])
  return pairs.flatMap(pair => {
    const { recording, call, heard, purpose, state } = pair
    const own = withdrawals.get(heard) ?? []
    const intervals = intervalsOf({ ...pair, silent: own[0]?.at ?? null }, turns.get(call) ?? [])
    if (intervals.length === 0) return []
    const withdrawn = own.find(({ keep, purposes }) => !keep && purposes.includes(purpose))?.at
    return {
      ...{ recording, call, heard, purpose, state: displayedState(state, holds.get(recording)) },
      ...(withdrawn && { withdrawnAt: withdrawn.toISOString() }),
      intervals,
    }
  })
}

interface Pair {
  heard: CallId
  recording: RecordingId
  call: CallId
  purpose: Purpose
  state: RecordingState
  since: Date
  /** Null while the recording is in progress. */
  until: Date | null
  /** Null while the participant's call is in progress. */
  heardUntil: Date | null
}

/** A withdrawal by the participant of a call. */
interface Withdrawn {
  call: CallId
  at: Date
  keep: boolean
  purposes: Purpose[]
}

async function withdrawalsIn(db: Db, calls: readonly CallId[]): Promise<Withdrawn[]> {
  const { rows } = await sql<Withdrawn>`
    select call_id as call, at, data -> 'keep' = 'true'::jsonb as keep, data -> 'purposes' as purposes
    from event where call_id in (select unnest(${calls}::uuid[])) and type = 'consent.withdrawn'
    order by at, id`.execute(db)
  return rows
}

/** An event of a recorded call that changes which participants are recorded. */
interface Turn {
  call: CallId
  at: Date
  type: string
  party: CallId | null
  recording: RecordingId | null
  agreed: boolean
}

async function turnsIn(db: Db, calls: readonly CallId[]): Promise<Turn[]> {
  const { rows } = await sql<Turn>`
    select call_id as call, at, type, data ->> 'party' as party, data ->> 'recording' as recording,
      type = 'call.party-agreed' or data -> 'agreed' = 'true'::jsonb as agreed
    from event where call_id in (select unnest(${calls}::uuid[])) and type in ('call.party-joined', 'call.party-agreed', 'call.party-left',
      'recording.paused', 'recording.resumed', 'recording.muted', 'recording.unmuted')
    order by at, id`.execute(db)
  return rows
}

/**
 * The spans in which a participant is heard in a recording: from joining or agreeing to leaving, withdrawing or the end
 * of either call. Pauses are left out, and spans in which only the other caller's side is recorded.
 *
 * @param pair.silent the participant's first withdrawal, after which they are not recorded; null if none exists
 * @param turns of the recorded call, in the order of their time
 */
export function intervalsOf(
  {
    heard,
    recording,
    since,
    until,
    heardUntil,
    silent,
  }: Pick<Pair, 'heard' | 'recording' | 'since' | 'until' | 'heardUntil'> & { silent: Date | null },
  turns: readonly Turn[],
): Interval[] {
  const ends = [until, heardUntil, silent].flatMap(one => one?.getTime() ?? [])
  const end = ends.length > 0 ? Math.min(...ends) : null
  const intervals: { from: number; to: number | null }[] = []
  const now = { present: false, paused: false, muted: false }
  let from: number | undefined
  for (const { at, type, party, recording: of, agreed } of turns) {
    if (of === recording) {
      if (type === 'recording.paused' || type === 'recording.resumed')
        now.paused = type === 'recording.paused'
      else now.muted = type === 'recording.muted'
    } else if (party === heard) now.present = type !== 'call.party-left' && agreed
    const isHeard = now.present && !now.paused && !now.muted
    if (isHeard) from ??= Math.max(at.getTime(), since.getTime())
    else if (from !== undefined) {
      intervals.push({ from, to: at.getTime() })
      from = undefined
    }
  }
  if (from !== undefined) intervals.push({ from, to: null })
  return intervals.flatMap(({ from, to }) => {
    const last = end === null ? to : Math.min(to ?? end, end)
    if (last !== null && last <= from) return []
    return { from: isoOf(from), to: last === null ? null : isoOf(last) }
  })
}

const isoOf = (at: number): string => new Date(at).toISOString()
