import { AppError } from '../../shared/errors.js'

/** One channel of sound, as signed 16-bit samples. */
export interface Sound {
  /** Samples a second. */
  rate: number
  samples: Int16Array
}

const HEADER_BYTES = 44
const PCM = 1
const BITS = 16

/** Length of a sound, ms. */
export const lengthMs = ({ rate, samples }: Sound): number => Math.round((samples.length * 1000) / rate)

/**
 * Reads a RIFF WAVE file with one channel of 16-bit PCM. Chunks other than `fmt ` and `data` are skipped.
 *
 * @throws AppError `prompt.damaged` for other formats and for truncated files
 */
export function readWav(bytes: Buffer): Sound {
  const damaged = (why: string) => new AppError('prompt.damaged', `not a mono 16-bit WAV file: ${why}`)
  if (
    bytes.length < 12 ||
    bytes.toString('latin1', 0, 4) !== 'RIFF' ||
    bytes.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    throw damaged('no RIFF header')
  }
  let rate = 0
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const body = bytes.subarray(at + 8, at + 8 + size)
    if (body.length < size) throw damaged('the file is truncated')
    if (name === 'fmt ') {
      if (size < 16) throw damaged('the format chunk is too short')
      const [format, channels, bits] = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt16LE(14)]
      if (format !== PCM || channels !== 1 || bits !== BITS)
        throw damaged(`${channels} channels, ${bits} bits`)
      rate = body.readUInt32LE(4)
    }
    if (name === 'data') {
      if (rate === 0) throw damaged('no format chunk before the samples')
      const samples = new Int16Array(size >> 1)
      for (let i = 0; i < samples.length; i++) samples[i] = body.readInt16LE(i * 2)
      return { rate, samples }
    }
    // Chunks begin at even offsets.
    at += 8 + size + (size & 1)
  }
  throw damaged('no samples')
}

/** Writes a RIFF WAVE file with the shortest header, so that equal sounds give equal bytes. */
export function writeWav({ rate, samples }: Sound): Buffer {
  const data = samples.length * 2
  const bytes = Buffer.alloc(HEADER_BYTES + data)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(HEADER_BYTES - 8 + data, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(PCM, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(rate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(BITS, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(data, 40)
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i]!, HEADER_BYTES + i * 2)
  return bytes
}
