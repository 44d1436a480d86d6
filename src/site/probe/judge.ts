import type { Answer, PromptRole } from '../../core/events.js'
import type { RecordingId } from '../../core/ids.js'
import { asksCallers, type LinePolicy, type Purpose } from '../../core/policy.js'
import type { ProbeAnswer } from '../../core/probe-call.js'
import type { CallTimeline } from '../../journal/read/timeline.js'
import { type ProbeFault, probeFaults } from './faults.js'

/** Longest stage of a call, ms. Callers notice a second; a machine that is busy for a moment raises no alarm. */
const SLOW_MS = 5_000
/** Least share of a prompt that must be heard. Equals the share below which a prompt does not count as heard. */
const HEARD_SHARE = 0.95
/** How much shorter than the speech a recording may be, ms. The tap starts in the first moments of the conversation. */
const SHORT_MS = 1_500

/** A probe call that has ended, and the data to judge it. */
export interface FinishedProbe {
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
export interface StageTimes {
  /** From the arrival of the call to its answer. */
  answer?: number
  /** From the end of the last question to the answer by key. */
  key?: number
  /** From the end of the last prompt to the return to the dialplan. */
  return?: number
}

/** Reads the times of the stages from the journal. */
export function stageTimes(events: readonly JournalledEvent[]): StageTimes {
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
