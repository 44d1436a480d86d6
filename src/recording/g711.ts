import type { Codec } from '../shared/audio.js'

/** A-law (ITU-T G.711) to 16-bit linear. */
const alaw = Int16Array.from({ length: 256 }, (_, coded) => {
  const bits = coded ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = ((bits & 15) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return bits & 0x80 ? magnitude : -magnitude
})

/** µ-law (ITU-T G.711) to 16-bit linear. */
const ulaw = Int16Array.from({ length: 256 }, (_, coded) => {
  const bits = ~coded & 0xff
  const magnitude = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84
  return bits & 0x80 ? -magnitude : magnitude
})

const TABLES: Partial<Record<Codec, Int16Array>> = { alaw, ulaw }

/** Samples of a block as 16-bit linear. */
export function decodeSamples(bytes: Uint8Array, codec: Codec): Int16Array {
  const table = TABLES[codec]
  if (table) return Int16Array.from(bytes, coded => table[coded]!)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int16Array.from({ length: bytes.byteLength >> 1 }, (_, i) => view.getInt16(2 * i, true))
}
