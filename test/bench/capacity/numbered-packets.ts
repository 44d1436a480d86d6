import { PACKET_SAMPLES } from '../../../lab/media/rtp.js'

/** Beginning of a numbered packet: a-law bytes that do not occur in this order in speech. */
const MARK = Buffer.from([0x2a, 0xaa, 0x2a, 0x51])
/** Then the number as hexadecimal digits, lowest first. Each digit is a byte, `ZERO` plus its value. */
const DIGITS = 4
const ZERO = 0x40
const BITS = 4

/** Numbered packets found in one leg of a recording. */
export interface FoundPackets {
  /** Number of packets found. */
  packets: number
  /** Number of packets missing between others. */
  lost: number
  /** Stretches of a packet's length, after the first packet, without a number: inserted silence, or damaged packets. */
  foreign: number
}

/**
 * A-law speech in which each packet contains its number, so that missing packets can be recognised.
 *
 * @param voice the rest of the packets, repeated as needed
 */
export function numberPackets(voice: Uint8Array, packets: number): Buffer {
  const coded = Buffer.alloc(packets * PACKET_SAMPLES, voice)
  for (let number = 0; number < packets; number++) {
    const at = number * PACKET_SAMPLES
    MARK.copy(coded, at)
    for (let digit = 0; digit < DIGITS; digit++)
      coded[at + MARK.length + digit] = ZERO + ((number >> (digit * BITS)) & (2 ** BITS - 1))
  }
  return coded
}

/** Finds numbered packets in a-law. @param packets how many numbers there are before they repeat */
export function findNumberedPackets(leg: Buffer, packets: number): FoundPackets {
  const found = { packets: 0, lost: 0, foreign: 0 }
  let next: number | undefined
  for (let at = Math.max(0, leg.indexOf(MARK)); at + PACKET_SAMPLES <= leg.length; at += PACKET_SAMPLES) {
    const number = numberAt(leg, at)
    if (number === undefined) {
      found.foreign++
      continue
    }
    if (next !== undefined) found.lost += (number - next + packets) % packets
    found.packets++
    next = (number + 1) % packets
  }
  return found
}

/** The numbers of all packets in a-law audio, wherever each begins. */
export function numbersIn(leg: Buffer): number[] {
  const found: number[] = []
  const last = leg.length - MARK.length - DIGITS
  for (let at = leg.indexOf(MARK); at >= 0 && at <= last; at = leg.indexOf(MARK, at + 1)) {
    const digits = leg.subarray(at + MARK.length, at + MARK.length + DIGITS)
    if (digits.every(one => one >= ZERO && one < ZERO + 2 ** BITS)) found.push(numberAt(leg, at)!)
  }
  return found
}

function numberAt(leg: Buffer, at: number): number | undefined {
  if (MARK.compare(leg, at, at + MARK.length) !== 0) return undefined
  let number = 0
  for (let digit = 0; digit < DIGITS; digit++)
    number += (leg[at + MARK.length + digit]! - ZERO) << (digit * BITS)
  return number
}
