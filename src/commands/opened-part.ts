import type { OpeningResult } from '../playback/open-recording.js'

/** A container that was opened without the others of its recording. */
export interface OpenedPart extends OpeningResult {
  /** How many parts the recording has; undefined where no database tells. */
  of?: number | undefined
}

/** Whether nothing is missing as far as can be told: it has its totals, or goes on in another part. */
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

/** What it says of itself. */
const infoOf = ({ parts }: OpenedPart) => parts[0]!
