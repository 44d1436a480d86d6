/*
 * This room places probe calls: Consentry calls a line of its own PBX, and checks that callers are asked and recorded
 * exactly as the line says. The caller of such a call reads the journal to know when to press a key.
 */

import { type PlacedProbe, placeProbe } from '../../asterisk/place-probe.js'
import type { AriAccess } from '../../asterisk/transport/ari-transport.js'
import type { Clock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { CallId, ChannelId, RecordingId } from '../../core/ids.js'
import { asksCallers, type LinePolicy } from '../../core/policy.js'
import { newProbeChannel, type ProbeAnswer } from '../../core/probe-call.js'
import type { Db } from '../../db/database.js'
import { type CallTimeline, readCall } from '../../journal/read/timeline.js'
import { sleep } from '../../lib/retry.js'
import { type AuditDeps, verifyRecordings } from '../../recordings/audit/verify-recordings.js'
import { type ProbeFault, probeFaults } from './faults.js'
import { judgeProbe, purposesToRecord, type StageTimes, stageTimes } from './judge.js'

/**
 * Time between two reads of the journal, ms. It delays the caller's key after the question; a line waits for seconds.
 */
const LOOK_MS = 250
/**
 * How long the call may take to appear in the journal, ms. It usually takes 50 ms. While the database is away it does
 * not appear.
 */
const ARRIVAL_MS = 10_000
/** Longest time until the call is back in the dialplan, ms. The longest known line takes less than a minute. */
const RETURN_MS = 180_000
/** How long the caller of a recorded call speaks, ms: enough for a block of the tap. */
const SPEECH_MS = 5_000
/** How long an unrecorded call stays in the dialplan, ms. A forbidden recording would begin in this time. */
const UNRECORDED_MS = 1_500
/** Longest time from the hang-up until the recordings are complete, ms. */
const COMPLETE_MS = 30_000

/** The parts with which probe calls work. */
export interface ProbeDeps extends AuditDeps {
  db: Db
  clock: Clock
}

/** A probe call to make. */
export interface Probe {
  /** The line in force. */
  line: LinePolicy
  answer: ProbeAnswer
  access: AriAccess & { app: string }
  /** Dialplan context in which the line is called. */
  context: string
  /** Ends the call early when aborted. */
  stopping?: AbortSignal | undefined
}

/** The result of a probe call. */
export interface ProbeResult {
  line: string
  answer: ProbeAnswer
  /** Whether there was no fault. */
  ok: boolean
  /** Null if the journal has no call. */
  call: CallId | null
  faults: ProbeFault[]
  /** Length of the recording for each purpose, s. */
  recordings: { id: RecordingId; purpose: string; seconds: number }[]
  times: StageTimes
}

/**
 * Makes a probe call and judges it. It takes as long as a caller's call, about half a minute.
 *
 * @throws AppError `db.*`, `store.*`; `service.unavailable` if `stopping` was aborted. A call that cannot be placed is
 *   a fault, not an error
 */
export async function probeLine(deps: ProbeDeps, probe: Probe): Promise<ProbeResult> {
  const { line, answer } = probe
  const known = { line: line.number, answer }
  const channel = newProbeChannel()
  const placed = await place(probe, channel)
  if ('kind' in placed) return failed(known, placed)
  let spokenMs = 0
  let id: CallId | undefined
  try {
    id = await findCall(deps, probe, { channel, placed })
    if (id === undefined) return failed(known, probeFaults.notAsked())
    if (await untilReturned(deps, probe, { id, placed })) spokenMs = await converse(deps, probe, placed)
  } finally {
    await placed.hangUp()
  }
  const call = await untilComplete(deps, probe, id)
  const verified = await verifyAll(deps, call)
  const faults = judgeProbe({ line, answer, call, spokenMs, verified })
  const recordings = call.recordings.map(({ id, purpose, seconds }) => ({ id, purpose, seconds }))
  return { ...known, ok: faults.length === 0, call: id, faults, recordings, times: stageTimes(call.events) }
}

const failed = (known: Pick<ProbeResult, 'line' | 'answer'>, fault: ProbeFault): ProbeResult => ({
  ...known,
  ...{ ok: false, call: null, faults: [fault], recordings: [], times: {} },
})

async function place(
  { line, context, access }: Probe,
  channel: ChannelId,
): Promise<PlacedProbe | ProbeFault> {
  try {
    return await placeProbe(access, { channel, line: line.number, context })
  } catch (error) {
    return probeFaults.notPlaced(error instanceof AppError ? error.message : 'the PBX was not reached')
  }
}

/** @returns undefined if the call did not reach the service */
async function findCall(
  deps: ProbeDeps,
  probe: Probe,
  { channel, placed }: { channel: ChannelId; placed: PlacedProbe },
): Promise<CallId | undefined> {
  const { db, clock } = deps
  const since = new Date(clock.now() - ARRIVAL_MS)
  let ended = false
  return follow(deps, probe, ARRIVAL_MS, async () => {
    const row = await db
      .selectFrom('call')
      .select('id')
      .where('channel', '=', channel)
      .where('started_at', '>=', since)
      .executeTakeFirst()
    // A call that has ended may be journalled a moment later.
    const over = ended
    ended = placed.ended
    return { found: row?.id, over }
  })
}

/**
 * Presses a key after each question, as the wanted answer requires.
 * @returns whether the call is back in the dialplan
 */
async function untilReturned(
  deps: ProbeDeps,
  probe: Probe,
  { id, placed }: { id: CallId; placed: PlacedProbe },
): Promise<boolean> {
  const { line, answer } = probe
  let pressed = 0
  const returned = await follow(deps, probe, RETURN_MS, async () => {
    const { events } = await timelineOf(deps, id)
    if (events.some(({ type }) => type === 'call.released')) return { found: true }
    const heard = events.filter(({ type, role }) => type === 'prompt.ended' && role === 'question').length
    if (answer !== 'silent' && asksCallers(line) && heard > pressed && !placed.ended) {
      pressed = heard
      await placed.press(line.keys[answer]).catch(ignoreEnd)
    }
    return { found: undefined, over: placed.ended || events.some(({ type }) => type === 'call.ended') }
  })
  return returned === true
}

/** Stays in the dialplan for a while, and speaks if the call is to be recorded. @returns how long the caller spoke, ms */
async function converse(deps: ProbeDeps, probe: Probe, placed: PlacedProbe): Promise<number> {
  const { clock } = deps
  const wanted = purposesToRecord(probe.line, probe.answer).length > 0
  if (!wanted) {
    await sleep(clock, UNRECORDED_MS, probe.stopping)
    return 0
  }
  const began = clock.elapsed()
  await placed.speak().catch(ignoreEnd)
  await sleep(clock, SPEECH_MS, probe.stopping)
  return clock.elapsed() - began
}

/** Waits until no recording of the call is in progress. @returns the call at that moment, or at the end of the wait */
async function untilComplete(deps: ProbeDeps, probe: Probe, id: CallId): Promise<CallTimeline> {
  const wanted = purposesToRecord(probe.line, probe.answer)
  const complete = await follow(deps, probe, COMPLETE_MS, async () => {
    const call = await timelineOf(deps, id)
    const runs = call.recordings.some(({ state }) => state === 'recording')
    const isOver = call.events.some(({ type }) => type === 'call.ended')
    // The service notices the end of an unrecorded call later, and nothing depends on it.
    return { found: !runs && (isOver || wanted.length === 0) ? call : undefined }
  })
  return complete ?? timelineOf(deps, id)
}

async function verifyAll(deps: ProbeDeps, { recordings }: CallTimeline): Promise<Map<RecordingId, string[]>> {
  const verified = new Map<RecordingId, string[]>()
  for (const { id } of recordings) {
    const { faults } = await verifyRecordings(deps, id)
    verified.set(
      id,
      faults.map(({ kind, what }) => `${kind} (${what})`),
    )
  }
  return verified
}

const timelineOf = ({ db }: ProbeDeps, id: CallId): Promise<CallTimeline> => readCall(db, name => name, id)

/**
 * Polls until something is found, the call is over, or `ms` have passed.
 *
 * @throws AppError `service.unavailable` if the probe must stop
 */
async function follow<T>(
  { clock }: ProbeDeps,
  { stopping }: Probe,
  ms: number,
  look: () => Promise<{ found: T | undefined; over?: boolean }>,
): Promise<T | undefined> {
  const end = clock.elapsed() + ms
  while (true) {
    if (stopping?.aborted) throw new AppError('service.unavailable', 'The probe call was broken off.')
    const { found, over } = await look()
    if (found !== undefined || over || clock.elapsed() >= end) return found
    await sleep(clock, LOOK_MS, stopping)
  }
}

/** A call that has just ended accepts no orders. The journal has its outcome. */
function ignoreEnd(error: unknown): void {
  if (!(error instanceof AppError)) throw error
}
