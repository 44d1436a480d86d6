import { decodeSamples } from '../../lib/audio-formats/g711.js'

/** Payload types of G.711 (RFC 3551 section 6). */
const CODECS = { 0: 'ulaw', 8: 'alaw' } as const
/** Length of the header without contributing sources, bytes. */
const HEADER = 12
/** Least and most samples of a packet: 10 and 60 ms. A PBX sends 20 ms. */
const [LEAST, MOST] = [80, 480]

/** The audio of one RTP packet. */
export interface AudioPacket {
  /** SSRC, 32 bits. */
  source: number
  /** 16 bits. */
  sequence: number
  /** In samples, 32 bits. */
  timestamp: number
  /** 8 kHz, 16-bit linear. */
  samples: Int16Array
}

/**
 * Reads an RTP packet (RFC 3550 section 5.1) of G.711 audio.
 *
 * @returns undefined for any other datagram, and for less than 10 or more than 60 ms
 */
export function readPacket(datagram: Buffer): AudioPacket | undefined {
  if (datagram.length < HEADER) return undefined
  const first = datagram[0]!
  if (first >> 6 !== 2) return undefined
  const codec = (CODECS as Record<number, 'ulaw' | 'alaw'>)[datagram[1]! & 0x7f]
  if (!codec) return undefined
  let from = HEADER + 4 * (first & 0x0f)
  let to = datagram.length
  if (first & 0x10) {
    if (from + 4 > to) return undefined
    from += 4 + 4 * datagram.readUInt16BE(from + 2)
  }
  if (first & 0x20) {
    const padding = datagram[to - 1]!
    if (padding === 0) return undefined
    to -= padding
  }
  if (to - from < LEAST || to - from > MOST) return undefined
  return {
    source: datagram.readUInt32BE(8),
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    samples: decodeSamples(datagram.subarray(from, to), codec),
  }
}
