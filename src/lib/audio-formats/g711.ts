import { type Codec, sampleBytes } from '../../core/audio.js'

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

/** Decodes the samples of a block to 16-bit linear. Samples in `slin` are copied unchanged. */
export function decodeSamples(bytes: Uint8Array, codec: Codec): Int16Array {
  const table = TABLES[codec]
  const samples = new Int16Array(bytes.length / sampleBytes(codec))
  if (table) for (let i = 0; i < samples.length; i++) samples[i] = table[bytes[i]!]!
  // `slin` is little-endian, as are all platforms that Node runs on in practice.
  else new Uint8Array(samples.buffer).set(bytes)
  return samples
}
