import { SAMPLE_RATE } from '../core/audio.js'
import { AppError, type ErrorCode } from '../core/errors.js'
import type { RecordingId } from '../core/ids.js'
import type { MissingAudio, OpenedRecording, OpeningResult } from '../recordings/open/open-and-journal.js'

/** True if the journal explains every gap. A recording that was truncated can be whole in this sense. */
export const isWhole = ({ shortfall: { holes, end } }: OpenedRecording): boolean =>
  holes.length === 0 && (end === 'whole' || end === 'truncated')

export function openedJson(file: string, opened: OpenedRecording) {
  const { seconds, parts, pauses, muted, shortfall } = opened
  const { holes, ...end } = shortfall
  const told = holes.map(({ leg, from, to }) => ({ leg, from: from / SAMPLE_RATE, to: to / SAMPLE_RATE }))
  const complete = holes.length === 0 && end.end === 'whole'
  return { file, seconds, complete, pauses, muted, parts: parts.length, holes: told, ...end }
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
export const isWholePart = (opened: OpenedPart): boolean => opened.ended || goesOn(opened)

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
  const cut = ended || goesOn(opened) ? '' : '; it has no end: it goes on in another part, or was cut'
  const place = of ? `part ${number} of ${of}` : `part ${number}`
  const others = of ? '' : `; consentry call ${call} shows whether there are others`
  return `${file}: ${seconds.toFixed(2)} s${cut}\n${place} of recording ${recording}, at its place in it${others}\n`
}

const goesOn = (opened: OpenedPart): boolean => infoOf(opened).number < (opened.of ?? 0)

/** The header of the container. */
const infoOf = ({ parts }: OpenedPart) => parts[0]!

/** Advice about a part that is damaged or does not fit its key. */
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  'container.invalid': 'put the container back from a copy of the store',
  'key.refused': 'put its key file back from the other mirror of the key store, or its container from a copy',
}

/** Adds the next step to the failure, if a part is not as it was sealed. */
export function withNextStep(error: unknown, recording?: RecordingId): unknown {
  if (!(error instanceof AppError)) return error
  const remedy = REMEDIES[error.code]
  if (!remedy) return error
  const first = recording ? `See all that is wrong: consentry verify ${recording}. Then` : 'To open it,'
  return new AppError(error.code, `${error.message}. No file was written. ${first} ${remedy}.`, {
    cause: error,
  })
}
