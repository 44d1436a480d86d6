import { existsSync } from 'node:fs'
import type { Test } from 'tap'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { isHeard } from '../assertions/heard-words.js'
import { isMove } from '../situations/moves.js'
import { type CallLab, promptSamples } from './call-lab.js'
import type { PlacedCall } from './placed-call.js'

type JournalledEvent = CallTimeline['events'][number]

/** What {@link summarizeEvents} adds to an event's type. */
const DETAILS: Record<string, (event: JournalledEvent) => unknown[]> = {
  'prompt.ended': ({ role, end, reason }) => [role, end, ...(reason ? [reason] : [])],
  'consent.asked': ({ purpose, attempt }) => [purpose, attempt],
  'consent.answered': ({ purpose, answer }) => [purpose, answer],
  'consent.key-ignored': ({ reason }) => [reason],
  'speech.unsettled': ({ why }) => [why],
  'speech.lost': ({ reason }) => [reason],
  'call.decided': ({ decision }) => [decision],
  'call.released': ({ next }) => [next],
  'call.passed-through': ({ decision }) => [decision],
  'recording.prepared': ({ purpose }) => [purpose],
  'recording.failed': ({ purpose, reason }) => [purpose, reason],
  'recording.finished': ({ state }) => [state],
}

/** Events whose place in the order depends on the tap; {@link checkCall} checks them. */
const UNORDERED_EVENTS = [
  'recording.part-started',
  'recording.progress',
  'recording.part-ended',
  'call.ended',
]

/** A busy machine may draw out a call, and silence then raises an alarm. */
const ALARM_EVENTS = ['alarm.raised', 'alarm.cleared']

/** A PBX that silences a side has its taps restarted, as often as somebody else is heard. */
const isRestart = ({ type, reason }: JournalledEvent): boolean =>
  type === 'recording.gap' && reason === 'tap-restarted'

const CONFIRMATION = /^prompt\.ended (granted|refused) /

/**
 * Summarizes the events of a call in the journal's order. A recording is prepared while the caller hears the confirmation, so on a
 * busy machine the confirmation may end first; it comes last here.
 *
 * @returns each event as its type with the details that matter, without those of recordings that keep an answer, and of how the PBX moved the
 *   caller (see `movesOf`)
 */
export function summarizeEvents({ events }: CallTimeline): string[] {
  const kept = keptAnswersIn(events)
  const lines = events
    .filter(({ type }) => ![...UNORDERED_EVENTS, ...ALARM_EVENTS].includes(type))
    .filter(event => !kept.has(event['recording']) && !isRestart(event) && !isMove(event.type))
    .map(event => [event.type, ...(DETAILS[event.type]?.(event) ?? [])].join(' '))
  for (const [i, line] of lines.entries())
    if (line.startsWith('recording.prepared') && CONFIRMATION.test(lines[i - 1] ?? ''))
      lines.splice(i - 1, 2, line, lines[i - 1]!)
  return lines
}

/** The recordings that hold a spoken yes, with the purposes whose questions were answered. They are made beside the call. */
const keptAnswersIn = (events: readonly JournalledEvent[]): Map<unknown, unknown> =>
  new Map(
    events.flatMap(({ recording, keeps }) => (keeps === undefined ? [] : [[recording, keeps] as const])),
  )

const mayRecord = (answer: unknown) => answer === 'granted' || answer === 'notice'

/** Asserts what holds for every call. */
export function checkCall(t: Test, call: CallTimeline): void {
  const { events, recordings, purposes } = call
  const places = (type: string, fits: (event: JournalledEvent) => boolean = () => true) =>
    events.flatMap((event, i) => (event.type === type && fits(event) ? [i] : []))
  const answered = places('consent.answered')
  const before = (earlier: number[], later: number[]) =>
    Math.max(-1, ...earlier) < Math.min(Infinity, ...later)

  t.same(
    [...new Set(purposes.map(({ purpose }) => purpose))].length,
    answered.length,
    'one answer to each purpose',
  )
  for (const { purpose, answer } of purposes) {
    const ownAnswer = places('consent.answered', event => event['purpose'] === purpose)
    const prepared = places('recording.prepared', event => event['purpose'] === purpose)
    t.ok(before(ownAnswer, prepared), `the answer to ${purpose} is journalled before anything is prepared`)
    if (!mayRecord(answer)) t.same(prepared, [], `nothing is prepared for ${purpose}`)
  }
  for (const confirmation of places('prompt.ended', ({ role }) => role === 'granted' || role === 'refused')) {
    t.ok(Math.min(...answered) < confirmation, 'an answer is journalled before it is confirmed')
  }
  t.ok(before(places('call.decided').slice(0, 1), places('call.released')), 'decided before it is given back')
  for (const recording of recordings.map(({ id }) => id)) {
    const own = (type: string) => places(type, event => event['recording'] === recording)
    t.ok(before(own('recording.prepared'), own('recording.part-started')), 'prepared before it is recorded')
  }
  const kept = keptAnswersIn(events)
  const asked = ({ id, purpose }: { id: unknown; purpose: unknown }) => kept.get(id) ?? purpose
  t.same(
    recordings.filter(one => !mayRecord(purposes.find(p => p.purpose === asked(one))?.answer)),
    [],
    'only what was granted is recorded',
  )
  for (const { files } of recordings)
    t.ok(files.every(existsSync), 'each container is where the journal says')
}

/** Asserts that the caller's phone received as much of each prompt as the journal says. */
export function checkPrompts(t: Test, { caller }: PlacedCall, call: CallTimeline, language: string): void {
  const heard = caller.heard.samples()
  for (const { prompt, heardMs, lengthMs, end } of call.events.filter(
    ({ type }) => type === 'prompt.ended',
  )) {
    const words = promptSamples(language, String(prompt))
    // Some packets are still on their way when the PBX reports the end.
    const until = end === 'complete' ? words.length : ((Number(heardMs) - 200) * SAMPLE_RATE) / 1000
    if (until > SAMPLE_RATE)
      t.ok(isHeard(heard, words.subarray(0, until)), `${prompt} is heard for ${heardMs} ms`)
    if (end === 'complete') t.ok(Number(heardMs) >= 0.95 * Number(lengthMs), 'to its end')
    else t.ok(Number(heardMs) < Number(lengthMs), 'and no longer')
  }
}

/** Whether the caller heard the lab's agent. */
export const hasHeardAgent = ({ sentence }: CallLab, { caller }: PlacedCall): boolean =>
  isHeard(caller.heard.samples(), sentence)
