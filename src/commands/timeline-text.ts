import pc from 'picocolors'
import type { CallTimeline } from '../operations/calls.js'

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

/** A call for a person to read: the decision, then each event with its time since the start, s. */
export function timelineText(call: CallTimeline): string {
  const start = Date.parse(call.startedAt)
  const answers = call.purposes.map(({ purpose, answer }) => `${purpose}: ${coloured(answer)}`).join(', ')
  const lines = [
    `${pc.bold(`Call ${call.id}`)}  line ${call.line ?? '(none)'}  ${coloured(call.decision)}  ${answers}`,
    ...call.events.map(event => {
      const seconds = ((Date.parse(event.at) - start) / 1000).toFixed(3).padStart(9)
      return `${pc.dim(`${seconds} s`)}  ${event.type.padEnd(24)} ${details(event)}`
    }),
    ...call.recordings.map(
      ({ id, purpose, seconds, state }) => `Recording ${id}  ${purpose}  ${seconds.toFixed(2)} s  ${state}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

const details = (event: Record<string, unknown>): string =>
  Object.entries(event)
    .filter(([name, value]) => !UNSAID.has(name) && value !== null)
    .map(
      ([name, value]) =>
        `${pc.dim(`${name} `)}${name === 'answer' || name === 'decision' ? coloured(String(value)) : value}`,
    )
    .join('  ')
