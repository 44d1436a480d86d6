import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Config, readConfig } from '../config/config.js'
import { SAMPLE_RATE } from '../core/audio.js'
import { AppError, type ErrorCode } from '../core/errors.js'
import { isUuid, type RecordingId } from '../core/ids.js'
import {
  type MissingAudio,
  type OpenedRecording,
  type OpeningResult,
  openContainer,
  openRecording,
  partsOf,
} from '../recordings/open/open-and-journal.js'
import { actor, byOption } from './actor.js'
import { type Command, oneWord, printWritten, type Request, text, UsageError } from './command.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Decrypts a recording into a stereo WAV',
  details: 'The caller is on the left, the agent on the right. Who listens, and why, is journalled first.',
  usage: ['RECORDING [-o FILE.wav] [--reason TEXT] [--by NAME]', 'CONTAINER --key KEYFILE [-o FILE.wav]'],
  example: 'open 907d8508-2572-43a8-98f1-cb79adc550a7 -o call.wav --reason "complaint 17"',
  options: {
    out: { type: 'string', short: 'o' },
    key: { type: 'string' },
    reason: { type: 'string' },
    ...byOption,
  },
  async run(request) {
    const what = oneWord(request, 'recording')
    const key = text(request, 'key')
    if (!key && !isUuid(what)) await refuseName(what)
    const out = text(request, 'out') ?? `${basename(what).replace(/\.ctry$/, '')}.wav`
    return key ? openPart(request, what, key, out) : openWhole(request, what as RecordingId, out)
  },
}

/** Explains why a word that is not a recording's id cannot be opened without a key. */
async function refuseName(what: string): Promise<never> {
  if (await stat(what).catch(() => undefined))
    throw new UsageError('a container file needs its key file: --key KEYFILE')
  throw new AppError(
    'not-found',
    `There is neither a recording nor a file "${what}". See the ids of all recordings: consentry calls.`,
  )
}

async function openWhole(request: Request, recording: RecordingId, file: string): Promise<number> {
  const by = actor(request)
  const reason = text(request, 'reason') ?? ''
  const opened = await withProject(project =>
    openRecording(project, by, { recording, reason, file }).catch((error: unknown) => {
      throw withNextStep(error, recording)
    }),
  )
  printWritten(request, file, { document: openedJson(file, opened), words: openedText(file, opened) })
  return isWhole(opened) ? 0 : 1
}

async function openPart(request: Request, container: string, keyFile: string, file: string): Promise<number> {
  const config = readConfig(process.env, 'tool')
  const read = await openContainer({ config }, { container, keyFile, file }).catch((error: unknown) => {
    throw withNextStep(error)
  })
  const opened = { ...read, of: await knownParts(config, read.parts[0]!.recording) }
  printWritten(request, file, { document: openedPartJson(file, opened), words: openedPartText(file, opened) })
  return isWholePart(opened) ? 0 : 1
}

/** How many parts a recording has, if a database is set and answers. A container opens without one. */
async function knownParts({ database }: Config, recording: RecordingId): Promise<number | undefined> {
  if (!database.url) return undefined
  const known = await withProject(project => partsOf(project, recording)).catch(() => 0)
  return known || undefined
}

/** True if the journal explains every gap. A recording that was truncated can be whole in this sense. */
export const isWhole = ({ shortfall: { holes, end } }: OpenedRecording): boolean =>
  holes.length === 0 && (end === 'whole' || end === 'truncated')

export function openedJson(file: string, opened: OpenedRecording) {
  const { seconds, parts, pauses, muted, shortfall } = opened
  const { holes, ...end } = shortfall
  const gaps = holes.map(({ leg, from, to }) => ({ leg, from: from / SAMPLE_RATE, to: to / SAMPLE_RATE }))
  const complete = holes.length === 0 && end.end === 'whole'
  return { file, seconds, complete, pauses, muted, parts: parts.length, holes: gaps, ...end }
}

export function openedText(
  file: string,
  { seconds, parts, shortfall, pauses, muted }: OpenedRecording,
): string {
  const inParts = parts.length > 1 ? `, in ${parts.length} parts` : ''
  const lines = [`${file}: ${seconds.toFixed(2)} s${inParts}${ending(shortfall)}`]
  for (const { leg, from, to, before } of shortfall.holes)
    lines.push(
      `missing ${span(from / SAMPLE_RATE, to / SAMPLE_RATE)} of the ${leg}: part ${before} does not join, and no event tells why`,
    )
  for (const { by, from, to } of pauses) lines.push(`silent ${span(from, to ?? seconds)}: paused by ${by}`)
  for (const { leg, from, to } of muted)
    lines.push(
      `the ${leg}'s side is silent ${span(from, to ?? seconds)}: somebody was heard who has not agreed`,
    )
  return `${lines.join('\n')}\n`
}

const span = (from: number, to: number) => `${from.toFixed(1)}-${to.toFixed(1)} s`

function ending({ end, reason, missing = 0 }: MissingAudio): string {
  if (end === 'whole') return ''
  if (end === 'running') return '; so far: the journal has no end of it yet'
  if (end === 'truncated') return `; it broke off, as the journal says${reason ? `: ${reason}` : ''}`
  return `; it ends early: the last ${missing.toFixed(2)} s of it were cut`
}

/** A container that was opened without the others of its recording. */
export interface OpenedPart extends OpeningResult {
  /** How many parts the recording has. Undefined without a database. */
  of?: number | undefined
}

/** True if no gap is known: the part has its totals, or the recording continues in another part. */
export const isWholePart = (opened: OpenedPart): boolean => opened.ended || continues(opened)

export function openedPartJson(file: string, opened: OpenedPart) {
  const { number, recording, call } = infoOf(opened)
  const { seconds, of } = opened
  return {
    file,
    seconds,
    complete: isWholePart(opened),
    pauses: [],
    part: number,
    ...(of && { of }),
    recording,
    call,
  }
}

export function openedPartText(file: string, opened: OpenedPart): string {
  const { number, recording, call } = infoOf(opened)
  const { seconds, of, ended } = opened
  const cut = ended || continues(opened) ? '' : '; it has no end: it goes on in another part, or was cut'
  const place = of ? `part ${number} of ${of}` : `part ${number}`
  const others = of ? '' : `; consentry call ${call} shows whether there are others`
  return `${file}: ${seconds.toFixed(2)} s${cut}\n${place} of recording ${recording}, at its place in it${others}\n`
}

const continues = (opened: OpenedPart): boolean => infoOf(opened).number < (opened.of ?? 0)

/** The header of the container. */
const infoOf = ({ parts }: OpenedPart) => parts[0]!

/** Advice about a part that is damaged or does not fit its key. */
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  'container.invalid': 'put the container back from a copy of the store',
  'key.refused': 'put its key file back from the other mirror of the key store, or its container from a copy',
}

/** Adds the next step to the failure, if a part is not as it was sealed. */
function withNextStep(error: unknown, recording?: RecordingId): unknown {
  if (!(error instanceof AppError)) return error
  const remedy = REMEDIES[error.code]
  if (!remedy) return error
  const first = recording ? `See all that is wrong: consentry verify ${recording}. Then` : 'To open it,'
  return new AppError(error.code, `${error.message}. No file was written. ${first} ${remedy}.`, {
    cause: error,
  })
}
