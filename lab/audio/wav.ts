import { readFile } from 'node:fs/promises'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import { AppError } from '../../src/core/errors.js'

/** @param bytes signed 16-bit samples, little-endian */
export function fromPcm(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(2 * i)
  return samples
}

/**
 * Reads a WAV file in the format of Asterisk's sound packages: PCM, 16 bits, mono, 8 kHz.
 *
 * @throws AppError `tool.failed` for any other format
 */
export function parseWav(file: Buffer): Int16Array {
  const wrong = (what: string) =>
    new AppError('tool.failed', `not a WAV file of mono 16-bit 8 kHz PCM: ${what}`)
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw wrong('no RIFF header')
  }
  for (let at = 12; at + 8 <= file.length; ) {
    const [id, size] = [file.toString('latin1', at, at + 4), file.readUInt32LE(at + 4)]
    const body = file.subarray(at + 8, at + 8 + size)
    if (id === 'fmt ') {
      const format = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt32LE(4), body.readUInt16LE(14)]
      if (format.join() !== [1, 1, SAMPLE_RATE, 16].join()) throw wrong(`format ${format.join()}`)
    }
    if (id === 'data') return fromPcm(body)
    at += 8 + size + (size & 1)
  }
  throw wrong('no samples')
}

/** Reads a WAV file; see {@link parseWav}. */
export const readWav = async (path: string): Promise<Int16Array> => parseWav(await readFile(path))
