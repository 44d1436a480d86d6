import { type CallSummary, listCalls } from '../recordings/calls/calls.js'
import { type Command, noWords, print, text, UsageError } from './command.js'
import { table } from './table.js'
import { answerText, lostText, ownSideText } from './timeline-text.js'
import { withProject } from './with-project.js'

/** Calls listed without `--limit`. */
const DEFAULT_LIMIT = 1_000

export const command: Command = {
  summary: 'Lists calls, the latest first',
  details: 'Shows line, decision, answers and recordings of each call.',
  usage: ['[--limit N]'],
  example: 'calls --limit 20',
  options: { limit: { type: 'string' } },
  async run(request) {
    noWords(request)
    const limit = Number(text(request, 'limit') ?? DEFAULT_LIMIT)
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number above 0')
    const calls = await withProject(project => listCalls(project, { limit }))
    return print(request, calls, table(head, calls.map(row), 'No calls yet.'))
  },
}

const head = ['call', 'line', 'caller', 'started', 'decision', 'answers', 'recordings']

const row = (call: CallSummary): string[] => [
  call.id,
  call.line ?? '(no line)',
  call.probe ? '(probe)' : (call.caller ?? ''),
  call.startedAt,
  call.decision ?? '(in question)',
  call.purposes.map(answerText).join('\n'),
  call.recordings
    .map(({ id, seconds, state, ownSideSeconds: own, lostBytes }) =>
      state === 'recording'
        ? `${id} ${state}${lostText(lostBytes)}`
        : `${id} ${seconds.toFixed(1)} s ${state}${ownSideText(own)}${lostText(lostBytes)}`,
    )
    .join('\n'),
]
