import { AppError } from '../../core/errors.js'
import { FORMAT_BYTES, HEADER_BYTES, PCM, SAMPLE_BITS, SAMPLE_BYTES, wavHeader } from './wav-header.js'

/** One channel of sound. */
export interface Sound {
  /** Samples per second. */
  rate: number
  /** Signed 16-bit samples. */
  samples: Int16Array
}

const RIFF_HEADER_BYTES = 12

/** @returns length of a sound, ms */
export const lengthMs = ({ rate, samples }: Sound): number => Math.round((samples.length * 1000) / rate)

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
  bytes.set(wavHeader({ rate, channels: 1 }, samples.length))
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i]!, HEADER_BYTES + i * SAMPLE_BYTES)
  return bytes
}
