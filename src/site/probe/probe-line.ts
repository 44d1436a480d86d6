/*
 * This room places probe calls: Consentry calls a line of its own PBX, and checks that callers are asked and recorded
 * exactly as the line says. The caller of such a call reads the journal to know when to press a key.
 */

import { type PlacedProbe, placeProbe } from '../../asterisk/place-probe.js'
import type { AriAccess } from '../../asterisk/transport/ari-transport.js'
import type { Clock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { Answer, PromptRole } from '../../core/events.js'
import type { CallId, ChannelId, RecordingId } from '../../core/ids.js'
import { asksCallers, type LinePolicy, type Purpose } from '../../core/policy.js'
import { newProbeChannel, type ProbeAnswer } from '../../core/probe-call.js'
import type { Db } from '../../db/database.js'
import { type CallTimeline, readCall } from '../../journal/read/timeline.js'
import { sleep } from '../../lib/retry.js'
import { type AuditDeps, verifyRecordings } from '../../recordings/audit/verify-recordings.js'
import { type ProbeFault, probeFaults } from './faults.js'

/**
 * Time between two reads of the journal, ms. It delays the caller's key after the question; a line waits for seconds.
 */
const POLL_MS = 250
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
  read: () => Promise<{ found: T | undefined; over?: boolean }>,
): Promise<T | undefined> {
  const end = clock.elapsed() + ms
  while (true) {
    if (stopping?.aborted) throw new AppError('service.unavailable', 'The probe call was broken off.')
    const { found, over } = await read()
    if (found !== undefined || over || clock.elapsed() >= end) return found
    await sleep(clock, POLL_MS, stopping)
  }
}

/** A call that has just ended accepts no orders. The journal has its outcome. */
function ignoreEnd(error: unknown): void {
  if (!(error instanceof AppError)) throw error
}

/** Longest stage of a call, ms. Callers notice a second; a machine that is busy for a moment raises no alarm. */
const SLOW_MS = 5_000
/** Least share of a prompt that must be heard. Equals the share below which a prompt does not count as heard. */
const HEARD_SHARE = 0.95
/** How much shorter than the speech a recording may be, ms. The tap starts in the first moments of the conversation. */
const SHORT_MS = 1_500

/** A probe call that has ended, and the data to judge it. */
interface FinishedProbe {
  /** The line in force. */
  line: LinePolicy
  answer: ProbeAnswer
  /** The call as the journal has it. */
  call: CallTimeline
  /** How long the caller spoke after the return to the dialplan, ms. */
  spokenMs: number
  /** The faults found by verifying, for each verified recording. */
  verified: ReadonlyMap<RecordingId, readonly string[]>
}

type JournalledEvent = CallTimeline['events'][number]

/** The answer that a purpose must have. */
function wantedAnswer({ mode }: LinePolicy, answer: ProbeAnswer): Answer {
  if (mode === 'notice') return 'notice'
  return answer === 'yes' ? 'granted' : answer === 'no' ? 'refused' : 'silent'
}

/** The purposes for which such a call must be recorded. */
export const purposesToRecord = (line: LinePolicy, answer: ProbeAnswer): Purpose[] =>
  line.mode === 'notice' || (asksCallers(line) && answer === 'yes')
    ? line.purposes.map(({ purpose }) => purpose)
    : []

/**
 * Judges a probe call: what must exist, what must not, and the durations.
 * @returns the faults; empty if there are none
 */
export function judgeProbe(probe: FinishedProbe): ProbeFault[] {
  const { call } = probe
  if (!call.events.some(({ type }) => type === 'call.released'))
    return [probeFaults.unfinished(call.events.at(-1)?.type ?? '–'), ...unwantedRecordings(probe)]
  return [
    ...unwantedRecordings(probe),
    ...promptFaults(probe),
    ...answerFaults(probe),
    ...recordingFaults(probe),
    ...slowStages(call.events),
  ]
}

/** Recordings that exist, or were prepared, for purposes that must not be recorded. */
function unwantedRecordings({ line, answer, call }: FinishedProbe): ProbeFault[] {
  const wanted = new Set(purposesToRecord(line, answer))
  const made = [
    ...call.recordings.map(({ purpose }) => purpose),
    ...call.events.flatMap(one => (one.type === 'recording.prepared' ? [String(one['purpose'])] : [])),
  ]
  return [...new Set(made)].filter(one => !wanted.has(one)).map(probeFaults.recordedUnasked)
}

function promptFaults({ line, answer, call }: FinishedProbe): ProbeFault[] {
  if (line.mode === 'none') return []
  const played = call.events.filter(({ type }) => type === 'prompt.ended')
  const cut = played.filter(
    ({ end, heardMs, lengthMs }) => end !== 'complete' || Number(heardMs) < Number(lengthMs) * HEARD_SHARE,
  )
  const asked: PromptRole[] = asksCallers(line) ? ['question'] : []
  const confirmed: PromptRole[] =
    asksCallers(line) && answer !== 'silent' ? [answer === 'yes' ? 'granted' : 'refused'] : []
  const missing = (['disclosure', ...asked, ...confirmed] as const).filter(
    role => !played.some(one => one['role'] === role),
  )
  return [
    ...cut.map(one =>
      probeFaults.promptCut(String(one['prompt']), Number(one['heardMs']), Number(one['lengthMs'])),
    ),
    ...missing.map(probeFaults.promptMissing),
  ]
}

function answerFaults({ line, answer, call }: FinishedProbe): ProbeFault[] {
  if (line.mode === 'none') return []
  const wanted = wantedAnswer(line, answer)
  return line.purposes.flatMap(({ purpose }) => {
    const given = call.purposes.find(one => one.purpose === purpose)?.answer
    if (given === wanted) return []
    const event = call.events.findLast(one => one.type === 'consent.answered' && one['purpose'] === purpose)
    return [probeFaults.answerDiffers(purpose, wanted, given, event && textOf(event['reason']))]
  })
}

function recordingFaults({ line, answer, call, spokenMs, verified }: FinishedProbe): ProbeFault[] {
  return purposesToRecord(line, answer).flatMap(purpose => {
    const recording = call.recordings.find(one => one.purpose === purpose)
    if (!recording) {
      const failed = call.events.findLast(
        ({ type }) => type === 'recording.failed' || type === 'recording.empty',
      )
      return [probeFaults.notRecorded(purpose, failed && (textOf(failed['reason']) ?? failed.type))]
    }
    const { id, state, seconds } = recording
    const gaps = call.events.filter(one => one.type === 'recording.gap' && one['recording'] === id)
    const found = verified.get(id) ?? ['–']
    return [
      ...(state === 'finished' ? [] : [probeFaults.recordingCut(purpose, state)]),
      ...(gaps.length === 0 ? [] : [probeFaults.recordingCut(purpose, textOf(gaps[0]!['reason']) ?? 'gap')]),
      ...(seconds * 1_000 >= spokenMs - SHORT_MS
        ? []
        : [probeFaults.recordingShort(purpose, seconds, spokenMs)]),
      ...(found.length === 0 ? [] : [probeFaults.recordingFaulty(purpose, found)]),
    ]
  })
}

/** How long the stages of a call took, ms. A stage that the call did not have is missing. */
interface StageTimes {
  /** From the arrival of the call to its answer. */
  answer?: number
  /** From the end of the last question to the answer by key. */
  key?: number
  /** From the end of the last prompt to the return to the dialplan. */
  return?: number
}

/** Reads the times of the stages from the journal. */
function stageTimes(events: readonly JournalledEvent[]): StageTimes {
  const at = (fits: (event: JournalledEvent) => boolean): number | undefined => {
    const found = events.findLast(fits)
    return found && Date.parse(found.at)
  }
  const between = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined || to < from ? undefined : to - from
  const stages = {
    answer: between(
      at(({ type }) => type === 'call.started'),
      at(({ type }) => type === 'call.answered'),
    ),
    key: between(
      at(({ type, role }) => type === 'prompt.ended' && role === 'question'),
      at(({ type, method }) => type === 'consent.answered' && method === 'key'),
    ),
    return: between(
      at(({ type }) => type === 'prompt.ended'),
      at(({ type }) => type === 'call.released'),
    ),
  }
  return Object.fromEntries(Object.entries(stages).filter(([, ms]) => ms !== undefined))
}

/** After a caller's silence the stage `return` is not judged, because it contains the line's own wait. */
function slowStages(events: readonly JournalledEvent[]): ProbeFault[] {
  const { answer, key, return: back } = stageTimes(events)
  const isSilent = events.some(one => one.type === 'consent.answered' && one['answer'] === 'silent')
  return [
    ...(answer !== undefined && answer > SLOW_MS ? [probeFaults.slow('answer', answer)] : []),
    ...(key !== undefined && key > SLOW_MS ? [probeFaults.slow('key', key)] : []),
    ...(back !== undefined && back > SLOW_MS && !isSilent ? [probeFaults.slow('return', back)] : []),
  ]
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
