/** Length of the shortest header of a WAV file, and of every header that Consentry writes. */
export const HEADER_BYTES = 44
/** Length of the format chunk's body. */
export const FORMAT_BYTES = 16
/** Format code of uncompressed samples. */
export const PCM = 1
export const SAMPLE_BYTES = 2
export const SAMPLE_BITS = 8 * SAMPLE_BYTES
/** Greatest number of bytes that the 32-bit sizes of a WAV file can state: 37 h of stereo at 8 kHz. */
const MAX_SIZE = 0xffffffff

/** @returns bytes of one frame, which is one 16-bit sample of each channel */
export const frameBytes = (channels: number): number => channels * SAMPLE_BYTES

/**
 * Makes the header of a 16-bit PCM WAV file (RIFF, format 1). It runs in browsers too.
 *
 * @param rate samples per second
 * @param frames length in samples of one channel; a length that 32 bits cannot state is written as the greatest one
 */
export function wavHeader(
  { rate, channels }: { rate: number; channels: number },
  frames: number,
): Uint8Array<ArrayBuffer> {
  const frame = frameBytes(channels)
  const size = Math.min(frames * frame, MAX_SIZE - HEADER_BYTES)
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  const name = (text: string, at: number) => header.set(new TextEncoder().encode(text), at)
  name('RIFF', 0)
  view.setUint32(4, HEADER_BYTES - 8 + size, true)
  name('WAVEfmt ', 8)
  view.setUint32(16, FORMAT_BYTES, true)
  view.setUint16(20, PCM, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * frame, true)
  view.setUint16(32, frame, true)
  view.setUint16(34, SAMPLE_BITS, true)
  name('data', 36)
  view.setUint32(40, size, true)
  return header
}
