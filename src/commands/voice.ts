import pc from 'picocolors'
import { readConfig } from '../config/config.js'
import { counted } from '../lib/plural.js'
import { type Collected, collectVoices } from '../speech/voices/collect.js'
import type { Share, VoiceMeasure } from '../speech/voices/measure.js'
import { type Command, print, type Request, text, UsageError } from './command.js'
import { nested } from './nested.js'
import { showProgress } from './table.js'

/** The default threshold of a yes: that of a new line. */
const THRESHOLD = '0.7'

export const command: Command = {
  summary: 'Gathers voices of your own, and measures how they are heard',
  details:
    'collect writes a script into the folder: what each speaker says, and what the files are called. Called again when there are recordings, it lets the engine hear them as in a call, and reports how often a yes is missed, and how often something else is taken for one. It exits 1 if anything was. Nothing is stored but the script.',
  example: 'voice collect /srv/voices --lang ru --engine embedded',
  options: {
    lang: { type: 'string' },
    engine: { type: 'string' },
    threshold: { type: 'string' },
  },
  ...nested({
    collect: {
      does: 'Writes a script for speakers, and measures the recordings that are there',
      usage: 'DIR --lang ru|en [--engine embedded|sherpa|vosk] [--threshold 0.7]',
      run: collect,
    },
  }),
}

async function collect(request: Request, dir: string): Promise<number> {
  const language = text(request, 'lang')
  if (language === undefined) throw new UsageError('--lang is needed: ru or en')
  const collected = await collectVoices(readConfig(process.env, 'tool'), {
    ...{ dir, language, engine: text(request, 'engine') ?? 'embedded' },
    threshold: Number(text(request, 'threshold') ?? THRESHOLD),
    onProgress: showProgress('recordings heard'),
  })
  print(request, collected, collectedText(collected))
  return (collected.measure?.falseYes?.some ?? 0) > 0 ? 1 : 0
}

const collectedText = ({ script, measure, unread }: Collected): string =>
  [
    ...(script === null ? [] : [`Written: ${script}`]),
    ...(measure ? measureText(measure) : ['There are no recordings yet. The script says how to make them.']),
    ...unread.map(({ file, why }) => `${pc.yellow('not measured')}  ${file}: ${why}`),
    '',
  ].join('\n')

function measureText({
  speakers,
  kinds,
  missed,
  falseYes,
  falseYesSpeakers,
  wrong,
  ...of
}: VoiceMeasure): string[] {
  const people = counted(speakers, 'speaker', 'speakers')
  return [
    `${pc.bold(people)}, ${of.language}, ${of.engine} ${of.model.slice(0, 12)}, threshold ${of.threshold}`,
    ...kinds.map(
      ({ kind, all, ...heard }) =>
        `  ${kind.padEnd(6)} ${String(all).padStart(5)}: ${Object.entries(heard)
          .filter(([, count]) => count > 0)
          .map(([what, count]) => `${what} ${count}`)
          .join(', ')}`,
    ),
    ...(missed ? [`Missed yes: ${shareText(missed)}`] : []),
    ...(falseYes ? [`False yes: ${(falseYes.some > 0 ? pc.red : String)(shareText(falseYes))}`] : []),
    ...(falseYesSpeakers ? [`Speakers with a false yes: ${shareText(falseYesSpeakers)}`] : []),
    ...wrong.map(({ file, heard, scores, reason }) => {
      const scored = Object.entries(scores).map(([name, score]) => ` ${name} ${score.toFixed(2)}`)
      return `  ${file}: ${heard}${scored.join('')}${reason === undefined ? '' : ` (${reason})`}`
    }),
  ]
}

const shareText = ({ some, all, percent, atMost }: Share): string =>
  `${some} of ${all}, ${percent} %, at most ${atMost} % with 95 % certainty`
