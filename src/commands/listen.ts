import pc from 'picocolors'
import { readConfig } from '../config/config.js'
import type { SpokenAnswer, SpokenReason } from '../core/speech.js'
import { type Listened, listenToFile } from '../speech/listen-file.js'
import { type Command, oneWord, print, text, UsageError } from './command.js'

/** The default threshold of a yes: that of a new line. */
const THRESHOLD = '0.7'

export const command: Command = {
  summary: 'Tells what the speech recogniser hears in a WAV file',
  details:
    'It hears the file as it hears a caller after the prompt, and says yes, no, weak or unclear, with scores, the least score of a yes, times and why. Nothing is stored.',
  usage: ['FILE --lang ru|en [--engine embedded|sherpa|vosk] [--threshold 0.7]'],
  example: 'listen yes.wav --lang en',
  options: {
    lang: { type: 'string' },
    engine: { type: 'string' },
    threshold: { type: 'string' },
  },
  async run(request) {
    const file = oneWord(request, 'WAV file')
    const language = text(request, 'lang')
    if (language === undefined) throw new UsageError('--lang is needed: ru or en')
    const engine = text(request, 'engine') ?? 'embedded'
    const threshold = Number(text(request, 'threshold') ?? THRESHOLD)
    const listened = await listenToFile(readConfig(process.env, 'tool'), {
      file,
      language,
      engine,
      threshold,
    })
    return print(request, { heard: listened.answer?.heard ?? 'silence', ...listened }, listenedText(listened))
  },
}

/** The recognised answer of a file, for people. */
export function listenedText({ answer, processorMs }: Listened): string {
  if (!answer) return `${pc.bold('silence')}: nobody speaks, or for less than 0.08 s\n`
  const scores = Object.entries(answer.scores).map(([name, score]) => `${name} ${score.toFixed(2)}`)
  return [
    `${pc.bold(answer.heard)}${reasonOf(answer)}`,
    ...(scores.length > 0 ? [`  scores   ${scores.join('  ')}`] : []),
    ...(answer.needed === undefined ? [] : [`  needed   ${answer.needed.toFixed(2)} for a yes`]),
    `  speech   ${seconds(answer.beganMs)} to ${seconds(answer.endedMs)}, decided at ${seconds(answer.decidedMs)}`,
    `  engine   ${answer.engine} ${answer.model.slice(0, 12)}, ${processorMs} ms of processor`,
    '',
  ].join('\n')
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

/** The meaning of each reason. */
const REASONS: Record<SpokenReason, string> = {
  score: 'the net hears a yes, below the threshold',
  noise: 'the net hears a yes, not surely enough for such noise',
  short: 'the net hears a yes, not surely enough for so short a word',
  grammar: 'the net hears a yes, the grammar does not',
  threshold: 'the words are a yes, and the engine is less sure of one of them than the threshold',
  long: 'the speech is longer than an answer',
  prompt: 'the speech began before the prompt had ended',
  'no-words': 'the engine hears no words',
  'other-words': 'the words are no answer',
}

const reasonOf = ({ heard, reason }: SpokenAnswer): string => {
  if (!reason) return ''
  return `: ${reason === 'grammar' && heard === 'no' ? 'the net hears a yes, the grammar a no' : REASONS[reason]}`
}
