import { decodeG711, encodeG711, type G711, SILENCE } from '../audio/g711.js'
import { PACKET_SAMPLES } from './rtp.js'

/** The codecs of the lab's phones. Each has one byte for each step of an RTP timestamp. */
export type PhoneCodec = G711 | 'g722'

/** The byte that G.722 sends in silence. Its decoder has a state, so a single byte corresponds to no sample. */
const G722_SILENCE = 0xfa

const isG711 = (codec: PhoneCodec): codec is G711 => codec !== 'g722'

/** One packet of silence. */
export const silentPayload = (codec: PhoneCodec): Buffer =>
  Buffer.alloc(PACKET_SAMPLES, isG711(codec) ? SILENCE[codec] : G722_SILENCE)

/**
 * Decodes a packet to signed 16-bit samples at 8 kHz. Returns zeros for G.722, whose phones keep the bytes for ffmpeg
 * to decode.
 */
export const samplesOf = (payload: Buffer, codec: PhoneCodec): Int16Array =>
  isG711(codec) ? decodeG711(payload, codec) : new Int16Array(payload.length)

/** @throws RangeError for G.722: its phones only listen */
export function encode(samples: Int16Array, codec: PhoneCodec): Buffer {
  if (isG711(codec)) return encodeG711(samples, codec)
  throw new RangeError('a G.722 phone of the lab cannot speak')
}
