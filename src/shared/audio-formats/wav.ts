import { AppError } from '../errors.js'

/** One channel of sound. */
export interface Sound {
  /** Samples per second. */
  rate: number
  /** Signed 16-bit samples. */
  samples: Int16Array
}

/** Length of the shortest header of a WAV file, and of every header that Consentry writes. */
export const HEADER_BYTES = 44
const RIFF_HEADER_BYTES = 12
const FORMAT_BYTES = 16
/** Format code of uncompressed samples. */
const PCM = 1
const SAMPLE_BYTES = 2
const SAMPLE_BITS = 8 * SAMPLE_BYTES
/** Greatest number of bytes that the 32-bit sizes of a WAV file can state: 37 h of stereo at 8 kHz. */
const MAX_SIZE = 0xffffffff

/** @returns length of a sound, ms */
export const lengthMs = ({ rate, samples }: Sound): number => Math.round((samples.length * 1000) / rate)

/** @returns bytes of one frame, which is one 16-bit sample of each channel */
export const frameBytes = (channels: number): number => channels * SAMPLE_BYTES

/**
 * Reads a RIFF WAVE file of one channel of 16-bit PCM. Chunks other than `fmt ` and `data` are skipped.
 *
 * @throws AppError `prompt.damaged` for any other content and for a truncated file
 */
export function readWav(bytes: Buffer): Sound {
  const damaged = (why: string) => new AppError('prompt.damaged', `not a mono 16-bit WAV file: ${why}`)
  if (
    bytes.length < RIFF_HEADER_BYTES ||
    bytes.toString('latin1', 0, 4) !== 'RIFF' ||
    bytes.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    throw damaged('no RIFF header')
  }
  let rate = 0
  for (let at = RIFF_HEADER_BYTES; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const body = bytes.subarray(at + 8, at + 8 + size)
    if (body.length < size) throw damaged('the file is cut short')
    if (name === 'fmt ') {
      if (size < FORMAT_BYTES) throw damaged('format chunk too short')
      const [format, channels, bits] = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt16LE(14)]
      if (format !== PCM || channels !== 1 || bits !== SAMPLE_BITS)
        throw damaged(`${channels} channels, ${bits} bits`)
      rate = body.readUInt32LE(4)
    }
    if (name === 'data') {
      if (rate === 0) throw damaged('no format before the samples')
      const samples = new Int16Array(size >> 1)
      for (let i = 0; i < samples.length; i++) samples[i] = body.readInt16LE(i * SAMPLE_BYTES)
      return { rate, samples }
    }
    // Chunks begin at even offsets.
    at += 8 + size + (size & 1)
  }
  throw damaged('no samples')
}

/** Makes a mono RIFF WAVE file. Its header is the shortest possible, so that equal sounds give equal bytes. */
export function encodeWav({ rate, samples }: Sound): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + samples.length * SAMPLE_BYTES)
  wavHeader({ rate, channels: 1 }, samples.length).copy(bytes)
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i]!, HEADER_BYTES + i * SAMPLE_BYTES)
  return bytes
}

/**
 * Makes the header of a 16-bit PCM WAV file (RIFF, format 1).
 *
 * @param rate samples per second
 * @param frames length in samples of one channel; a length that 32 bits cannot state is written as the greatest one
 */
export function wavHeader({ rate, channels }: { rate: number; channels: number }, frames: number): Buffer {
  const frame = frameBytes(channels)
  const size = Math.min(frames * frame, MAX_SIZE - HEADER_BYTES)
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(HEADER_BYTES - 8 + size, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(FORMAT_BYTES, 16)
  header.writeUInt16LE(PCM, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * frame, 28)
  header.writeUInt16LE(frame, 32)
  header.writeUInt16LE(SAMPLE_BITS, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(size, 40)
  return header
}
