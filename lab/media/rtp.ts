/** Samples of one packet: 20 ms at 8 kHz. */
export const PACKET_SAMPLES = 160
export const PACKET_MS = 20

const HEADER = 12

/** An RTP packet, RFC 3550 section 5.1. */
export interface RtpPacket {
  payloadType: number
  marker: boolean
  /** 16 bits. */
  sequence: number
  /** In samples, 32 bits. */
  timestamp: number
  source: number
  payload: Buffer
}

export function formatRtp(packet: Omit<RtpPacket, 'payload'> & { payload: Uint8Array }): Buffer {
  const whole = Buffer.allocUnsafe(HEADER + packet.payload.length)
  whole[0] = 0x80
  whole[1] = (packet.marker ? 0x80 : 0) | packet.payloadType
  whole.writeUInt16BE(packet.sequence & 0xffff, 2)
  whole.writeUInt32BE(packet.timestamp >>> 0, 4)
  whole.writeUInt32BE(packet.source >>> 0, 8)
  whole.set(packet.payload, HEADER)
  return whole
}

/** @returns undefined if the datagram is not RTP version 2 */
export function parseRtp(datagram: Buffer): RtpPacket | undefined {
  if (datagram.length < HEADER || datagram.readUInt8(0) >> 6 !== 2) return undefined
  const first = datagram.readUInt8(0)
  const second = datagram.readUInt8(1)
  let start = HEADER + 4 * (first & 0x0f)
  if (first & 0x10 && datagram.length >= start + 4) start += 4 + 4 * datagram.readUInt16BE(start + 2)
  const padding = first & 0x20 ? datagram.readUInt8(datagram.length - 1) : 0
  return {
    payloadType: second & 0x7f,
    marker: second >= 0x80,
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    source: datagram.readUInt32BE(8),
    payload: datagram.subarray(start, datagram.length - padding),
  }
}

const EVENTS = '0123456789*#ABCD'

/**
 * The payload of one report of a key, RFC 4733 section 2.3.
 *
 * @param samples how long the key has been pressed
 * @param released whether this reports the end
 * @throws RangeError if it is not a key
 */
export function keyReport(key: string, samples: number, released: boolean): Buffer {
  const event = EVENTS.indexOf(key)
  if (key.length !== 1 || event < 0) throw new RangeError('not a key')
  const payload = Buffer.from([event, (released ? 0x80 : 0) | 10, 0, 0])
  payload.writeUInt16BE(samples, 2)
  return payload
}
