import { PACKET_SAMPLES } from '../../../lab/media/rtp.js'

/** What a numbered packet begins with: a-law bytes that speech does not bring forth in this order. */
const MARK = Buffer.from([0x2a, 0xaa, 0x2a, 0x51])
/** Behind it the number, so many digits to the base 16, lowest first, each as a byte above this one. */
const DIGITS = 4
const ZERO = 0x40
const BITS = 4

/** What was found of numbered packets in one leg of a recording. */
export interface FoundPackets {
  /** Packets that are there. */
  packets: number
  /** Packets that are missing between others. */
  lost: number
  /** Lengths of a packet, after the first one, that are none: silence that was put in, or torn packets. */
  foreign: number
}

/**
 * Speech, a-law, of which each packet carries its number: whoever finds it again knows which packets are missing.
 *
 * @param voice what the packets hold besides, repeated as often as it takes
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

/** Looks through a leg, a-law, for numbered packets. @param packets how many there are before they begin again */
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

function numberAt(leg: Buffer, at: number): number | undefined {
  if (MARK.compare(leg, at, at + MARK.length) !== 0) return undefined
  let number = 0
  for (let digit = 0; digit < DIGITS; digit++)
    number += (leg[at + MARK.length + digit]! - ZERO) << (digit * BITS)
  return number
}
