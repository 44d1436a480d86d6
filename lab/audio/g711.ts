/** The two codecs of ITU-T G.711: one byte a sample, 8 kHz. */
export type G711 = 'alaw' | 'ulaw'

/** The byte for silence: the smallest positive step of a-law, positive zero of µ-law. */
export const SILENCE: Record<G711, number> = { alaw: 0xd5, ulaw: 0xff }

const ULAW_BIAS = 132
const ULAW_CLIP = 32_635

function alawDecode(byte: number): number {
  const code = byte ^ 0x55
  const exponent = (code & 0x70) >> 4
  const mantissa = ((code & 0x0f) << 4) + 8
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return code & 0x80 ? size : -size
}

function alawEncode(sample: number): number {
  const size = Math.min(sample < 0 ? -sample - 1 : sample, 32_767) >> 4
  const exponent = size < 32 ? (size < 16 ? 0 : 1) : 31 - Math.clz32(size) - 3
  const mantissa = exponent < 2 ? size & 0x0f : (size >> (exponent - 1)) & 0x0f
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55
}

function ulawDecode(byte: number): number {
  const code = ~byte & 0xff
  const size = ((((code & 0x0f) << 3) + ULAW_BIAS) << ((code & 0x70) >> 4)) - ULAW_BIAS
  return code & 0x80 ? -size : size
}

function ulawEncode(sample: number): number {
  const size = Math.min(Math.abs(sample), ULAW_CLIP) + ULAW_BIAS
  const exponent = 31 - Math.clz32(size) - 7
  const mantissa = (size >> (exponent + 3)) & 0x0f
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff
}

const tables: Record<G711, Int16Array> = {
  alaw: Int16Array.from({ length: 256 }, (_, byte) => alawDecode(byte)),
  ulaw: Int16Array.from({ length: 256 }, (_, byte) => ulawDecode(byte)),
}

/** @returns signed 16-bit samples */
export function decodeG711(bytes: Uint8Array, codec: G711): Int16Array {
  const table = tables[codec]
  const samples = new Int16Array(bytes.length)
  for (let i = 0; i < samples.length; i++) samples[i] = table[bytes[i]!]!
  return samples
}

/** @param samples signed 16-bit. @returns one byte a sample */
export function encodeG711(samples: Int16Array, codec: G711): Buffer {
  const encode = codec === 'alaw' ? alawEncode : ulawEncode
  const bytes = Buffer.alloc(samples.length)
  for (let i = 0; i < samples.length; i++) bytes[i] = encode(samples[i] ?? 0)
  return bytes
}
