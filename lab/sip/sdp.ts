import type { PhoneCodec } from '../media/phone-codec.js'

/** RTP payload types: the static ones of RFC 3551, and the usual dynamic one for key events. */
export const PAYLOAD: Record<PhoneCodec, number> = { ulaw: 0, alaw: 8, g722: 9 }
export const KEY_PAYLOAD = 101

/** RFC 3551 section 4.5.2: the description states 8000 for G.722, although it samples at 16 kHz. */
const NAME: Record<PhoneCodec, string> = { ulaw: 'PCMU', alaw: 'PCMA', g722: 'G722' }

/**
 * Which side may send audio. With `sendonly` a phone puts the other side on hold, RFC 3264 section 8.4, RFC 6337
 * section 5.3.
 */
export type Direction = 'sendrecv' | 'sendonly'

/**
 * An offer or answer of one audio stream in 20 ms packets, RFC 3264, with or without key events of RFC 4733.
 *
 * @param version each further offer of a call needs a higher one
 */
export function writeSdp(
  host: string,
  port: number,
  codec: PhoneCodec,
  keyEvents: boolean,
  version = 1,
  direction: Direction = 'sendrecv',
): string {
  const types = [PAYLOAD[codec], ...(keyEvents ? [KEY_PAYLOAD] : [])]
  return [
    'v=0',
    `o=lab 1 ${version} IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${types.join(' ')}`,
    `a=rtpmap:${PAYLOAD[codec]} ${NAME[codec]}/8000`,
    ...(keyEvents ? [`a=rtpmap:${KEY_PAYLOAD} telephone-event/8000`, `a=fmtp:${KEY_PAYLOAD} 0-16`] : []),
    'a=ptime:20',
    `a=${direction}`,
    '',
  ].join('\r\n')
}

/** @returns where to send audio, and the payload type of key events; undefined if the other side wants no audio */
export function readSdp(sdp: string): { host: string; port: number; keyPayload?: number } | undefined {
  const port = Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0)
  const host = /^c=IN IP4 ([\d.]+)/m.exec(sdp)?.[1]
  const keys = /^a=rtpmap:(\d+) telephone-event\//m.exec(sdp)?.[1]
  if (!port || !host) return undefined
  return { host, port, ...(keys ? { keyPayload: Number(keys) } : {}) }
}
