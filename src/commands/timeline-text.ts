import pc from 'picocolors'
import { SAMPLE_RATE } from '../core/audio.js'
import type { VoiceEvidence } from '../core/speech-events.js'
import type { AnswerSummary, CallTimeline } from '../recordings/calls/calls.js'

/** Fields of events that a timeline leaves out. */
const UNSAID = new Set([
  'at',
  'type',
  'text',
  'sha256',
  'hash',
  'tap',
  'basis',
  'object',
  'channel',
  'utcOffset',
  'part',
  'legalBasis',
  'node',
  'keeper',
  'service',
  'withdrawal',
  'told',
  'pbx',
])

const colours: Record<string, (text: string) => string> = {
  granted: pc.green,
  notice: pc.green,
  refused: pc.yellow,
  silent: pc.yellow,
  abandoned: pc.yellow,
  failed: pc.red,
}

/** An answer or decision in its colour. */
export const coloured = (answer: string | null): string =>
  (colours[answer ?? ''] ?? String)(answer ?? 'in question')

/** An answer with its purpose, and when it was withdrawn. */
export const answerText = ({ purpose, answer, withdrawnAt }: AnswerSummary): string =>
  `${purpose}: ${coloured(answer)}${withdrawnAt === undefined ? '' : `, ${pc.yellow('withdrawn')} ${withdrawnAt}`}`

/** A call for a person to read: the decision, then each event with its time since the start, s. */
export function timelineText(call: CallTimeline): string {
  const start = Date.parse(call.startedAt)
  const answers = call.purposes.map(answerText).join(', ')
  const lines = [
    `${pc.bold(`Call ${call.id}`)}  line ${call.line ?? '(none)'}  ${coloured(call.decision)}  ${answers}`,
    ...call.events.map(event => {
      const seconds = ((Date.parse(event.at) - start) / 1000).toFixed(3).padStart(9)
      return `${pc.dim(`${seconds} s`)}  ${event.type.padEnd(24)} ${details(event)}`
    }),
    ...call.recordings.map(
      ({ id, purpose, seconds, state, ownSideSeconds: own, lostBytes }) =>
        `Recording ${id}  ${purpose}  ${seconds.toFixed(2)} s  ${state}${ownSideText(own)}${lostText(lostBytes)}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

/** Length of a recording that has only the caller's side. */
export const ownSideText = (seconds: number | undefined): string =>
  seconds === undefined ? '' : `, ${seconds.toFixed(1)} s of it the caller's side alone`

/** Length of a recording's gaps. */
export const lostText = (bytes: number | undefined): string =>
  bytes === undefined ? '' : `, incomplete: ${(bytes / SAMPLE_RATE).toFixed(1)} s of its sides are missing`

/**
 * The recognised answer, with its scores and its times from the beginning of the hearing, in place of the member
 * `voice`.
 */
function heardIn({ voice }: Record<string, unknown>) {
  if (!voice) return {}
  const {
    engine,
    class: heard,
    scores,
    threshold,
    needed = threshold,
    beganMs,
    endedMs,
    decidedMs,
    reason,
  } = voice as VoiceEvidence
  const scored = Object.entries(scores).map(([name, score]) => `${name} ${Number(score.toFixed(3))}`)
  return {
    voice: `${engine} heard ${heard}`,
    scores: scored.length > 0 ? `${scored.join(', ')}, of ${Number(needed.toFixed(3))}` : null,
    ...{ spoken: `${beganMs}-${endedMs} ms`, decided: `${decidedMs} ms`, doubt: reason ?? null },
  }
}

const details = (event: Record<string, unknown>): string =>
  Object.entries({ ...event, ...heardIn(event) })
    .filter(([name, value]) => !UNSAID.has(name) && value !== null)
    .map(
      ([name, value]) =>
        `${pc.dim(`${name} `)}${name === 'answer' || name === 'decision' ? coloured(String(value)) : value}`,
    )
    .join('  ')
