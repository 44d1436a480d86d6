import { PACKET_SAMPLES } from '../../../../lab/media/rtp.js'
import { marker } from '../../data/marker.js'

/** Who speaks. Each has its own noise, so that the legs cannot be confused. */
export type Speaker = 'caller' | 'agent'

/** One packet of numbered speech that was found. */
export interface NumberedPacket {
  /** The caller's index; 0 for the agent, who says the same in all calls. */
  call: number
  /** Number of the packet, from 0. */
  n: number
  /** Position, samples. */
  at: number
}

/** Samples of noise at the beginning of each packet, by which it is found. */
const STAMP_SAMPLES = 128
/** Samples of each of the eight hexadecimal digits that follow: three for the call, four for the packet, one check digit. */
const DIGIT_SAMPLES = 4
/** Difference of level between digits: far more than a codec's rounding. */
const LEVEL_STEP = 2_000
/** Largest deviation of a sample, in addition to a sixteenth of its value: more than a codec's rounding. */
const MAX_DEVIATION = 48

const stamps: Record<Speaker, Int16Array> = {
  caller: marker.subarray(0, STAMP_SAMPLES),
  agent: marker.subarray(4_000, 4_000 + STAMP_SAMPLES),
}

/** The noise in every packet of a caller. A file that contains it contains plain speech. */
export const callerStamp = stamps.caller

const digitsOf = (call: number, n: number): number[] => {
  const digits = [call >> 8, call >> 4, call, n >> 12, n >> 8, n >> 4, n].map(digit => digit & 15)
  return [...digits, checkOf(digits)]
}
const checkOf = (digits: number[]) => digits.reduce((sum, digit, i) => sum + digit * (i + 1), 0) & 15

/** @returns consecutive numbered packets, signed 16-bit samples */
export function numberedSpeech(speaker: Speaker, call: number, from: number, count: number): Int16Array {
  const samples = new Int16Array(count * PACKET_SAMPLES)
  for (let i = 0; i < count; i++) {
    const start = i * PACKET_SAMPLES
    samples.set(stamps[speaker], start)
    digitsOf(call, from + i).forEach((digit, place) => {
      const at = start + STAMP_SAMPLES + place * DIGIT_SAMPLES
      samples.fill((digit - 7.5) * LEVEL_STEP, at, at + DIGIT_SAMPLES)
    })
  }
  return samples
}

/** @returns every numbered packet, in order */
export function findNumberedPackets(samples: Int16Array, speaker: Speaker): NumberedPacket[] {
  const found: NumberedPacket[] = []
  for (let at = 0; at + PACKET_SAMPLES <= samples.length; ) {
    const said = readPacket(samples, at, speaker)
    if (said) found.push({ ...said, at })
    at += said ? PACKET_SAMPLES : 1
  }
  return found
}

/** Whether the samples begin with a packet of this speaker. */
export const isSaidBy = (speaker: Speaker, samples: Int16Array): boolean =>
  samples.length >= PACKET_SAMPLES && readPacket(samples, 0, speaker) !== undefined

function readPacket(
  samples: Int16Array,
  at: number,
  speaker: Speaker,
): Omit<NumberedPacket, 'at'> | undefined {
  const stamp = stamps[speaker]
  for (let i = 0; i < STAMP_SAMPLES; i++) {
    const wanted = stamp[i]!
    if (Math.abs(samples[at + i]! - wanted) > MAX_DEVIATION + Math.abs(wanted) / 16) return undefined
  }
  const digits = Array.from({ length: 8 }, (_, place) =>
    Math.round(samples[at + STAMP_SAMPLES + place * DIGIT_SAMPLES + 1]! / LEVEL_STEP + 7.5),
  )
  if (checkOf(digits.slice(0, 7)) !== digits[7]) return undefined
  const value = (from: number, to: number) => digits.slice(from, to).reduce((sum, d) => sum * 16 + d, 0)
  return { call: value(0, 3), n: value(3, 7) }
}
