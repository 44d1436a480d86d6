/** Bit rates of layer III, kbit/s, by version: MPEG 1, and MPEG 2 and 2.5 (ISO 11172-3, ISO 13818-3). */
const KBITS = {
  one: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  two: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
const RATES = [44_100, 48_000, 32_000]
const TAG_HEADER = 10
const ID3V1_BYTES = 128
const APE_FOOTER = 32

/** Length of the layer III frame at an offset, bytes; undefined if there is none. */
function frameBytes(bytes: Buffer, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined
  const header = bytes.readUInt32BE(at)
  const [version, layer] = [(header >>> 19) & 3, (header >>> 17) & 3]
  const [bits, rate, padding] = [(header >>> 12) & 15, (header >>> 10) & 3, (header >>> 9) & 1]
  if (header >>> 21 !== 0x7ff || version === 1 || layer !== 1 || rate === 3) return undefined
  const isOne = version === 3
  const kbits = (isOne ? KBITS.one : KBITS.two)[bits]
  if (!kbits) return undefined
  const hertz = RATES[rate]! / { 3: 1, 2: 2, 0: 4 }[version as 0 | 2 | 3]
  return Math.floor(((isOne ? 144 : 72) * kbits * 1000) / hertz) + padding
}

/** The end of an ID3v2 tag at an offset. @returns the offset itself if there is no tag */
function afterTag(bytes: Buffer, at: number): number {
  if (bytes.toString('latin1', at, at + 3) !== 'ID3' || at + TAG_HEADER > bytes.length) return at
  const size = bytes.subarray(at + 6, at + TAG_HEADER).reduce((sum, byte) => sum * 128 + (byte & 127), 0)
  return at + TAG_HEADER + size
}

/** Whether the end contains only a known tag, or zeros. */
function isTail(bytes: Buffer): boolean {
  const rest = bytes.length
  if (bytes.every(byte => byte === 0)) return true
  if (bytes.toString('latin1', 0, 3) === 'TAG') return rest === ID3V1_BYTES
  if (bytes.toString('latin1', 0, 8) !== 'APETAGEX' || rest < APE_FOOTER) return false
  const end = bytes.readUInt32LE(12) + APE_FOOTER
  return end === rest || (end < rest && isTail(bytes.subarray(end)))
}

/** Whether a file is MP3 from its beginning to its end: whole frames of layer III, with tags before and after them. */
export function isMp3(bytes: Buffer): boolean {
  let at = afterTag(bytes, 0)
  let frames = 0
  while (at < bytes.length) {
    const length = frameBytes(bytes, at)
    if (length === undefined) break
    at += length
    frames += 1
  }
  return frames >= 3 && (at === bytes.length || (at < bytes.length && isTail(bytes.subarray(at))))
}
