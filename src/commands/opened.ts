import type { PauseSpan } from '../journal/read/pauses.js'
import type { MissingAudio } from '../playback/missing-audio.js'
import type { OpeningResult } from '../playback/open-recording.js'
import { SAMPLE_RATE } from '../shared/audio.js'

/** A recording that was opened, and what the journal says of it. */
export interface Opened extends OpeningResult {
  shortfall: MissingAudio
  pauses: PauseSpan[]
}

/** Whether nothing is missing but what the journal tells: a recording that broke off may be so. */
export const isWhole = ({ shortfall: { holes, end } }: Opened): boolean =>
  holes.length === 0 && (end === 'whole' || end === 'truncated')

export function openedJson(file: string, opened: Opened) {
  const { seconds, parts, pauses, shortfall } = opened
  const { holes, ...end } = shortfall
  const told = holes.map(({ leg, from, to }) => ({ leg, from: from / SAMPLE_RATE, to: to / SAMPLE_RATE }))
  const complete = holes.length === 0 && end.end === 'whole'
  return { file, seconds, complete, pauses, parts: parts.length, holes: told, ...end }
}

export function openedText(file: string, { seconds, parts, shortfall, pauses }: Opened): string {
  const inParts = parts.length > 1 ? `, in ${parts.length} parts` : ''
  const lines = [`${file}: ${seconds.toFixed(2)} s${inParts}${ending(shortfall)}`]
  for (const { leg, from, to, before } of shortfall.holes)
    lines.push(
      `missing ${span(from / SAMPLE_RATE, to / SAMPLE_RATE)} of the ${leg}: part ${before} does not join, and no event tells why`,
    )
  for (const { by, from, to } of pauses) lines.push(`silent ${span(from, to ?? seconds)}: paused by ${by}`)
  return `${lines.join('\n')}\n`
}

const span = (from: number, to: number) => `${from.toFixed(1)}-${to.toFixed(1)} s`

function ending({ end, reason, missing = 0 }: MissingAudio): string {
  if (end === 'whole') return ''
  if (end === 'running') return '; so far: the journal has no end of it yet'
  if (end === 'truncated') return `; it broke off, as the journal says${reason ? `: ${reason}` : ''}`
  return `; it ends early: the last ${missing.toFixed(2)} s of it were cut`
}
