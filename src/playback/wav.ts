import type { FileHandle } from 'node:fs/promises'
import { type Leg, SAMPLE_RATE } from '../shared/audio.js'

export const HEADER_BYTES = 44
const SAMPLE_BYTES = 2
/** Left and right sample together. */
export const FRAME_BYTES = 2 * SAMPLE_BYTES
const CHANNEL: Record<Leg, number> = { caller: 0, agent: 1 }
/** What the 32-bit sizes of a WAV file can say; 37 h of audio. */
const MAX_SIZE = 0xffffffff

/**
 * A stereo 16-bit PCM WAV file that takes the samples of each leg in any order. What nothing was written to is
 * silence. Memory does not grow with the length: each write mixes itself into the file.
 */
export class WavWriter {
  readonly #file: FileHandle
  #frames = 0

  /** @param file empty, to be read and written; who opened it closes it */
  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Puts the samples of one leg at a position counted in samples. */
  async write(leg: Leg, sample: number, samples: Int16Array): Promise<void> {
    const at = HEADER_BYTES + sample * FRAME_BYTES
    // Little-endian, as WAV is and as every platform of Node in practice.
    const frames = new Int16Array(samples.length * 2)
    const bytes = Buffer.from(frames.buffer)
    await this.#file.read(bytes, 0, bytes.length, at)
    for (let i = 0, to = CHANNEL[leg]; i < samples.length; i++, to += 2) frames[to] = samples[i]!
    await this.#file.write(bytes, 0, bytes.length, at)
    this.#frames = Math.max(this.#frames, sample + samples.length)
  }

  /** Writes the header. @returns length in samples */
  async finish(): Promise<number> {
    await this.#file.write(wavHeader(this.#frames), 0, HEADER_BYTES, 0)
    return this.#frames
  }
}

/** Header of a stereo 16-bit PCM WAV (RIFF, format 1). */
export function wavHeader(frames: number): Buffer {
  const size = Math.min(frames * FRAME_BYTES, MAX_SIZE - HEADER_BYTES)
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('RIFF', 0)
  header.writeUInt32LE(HEADER_BYTES - 8 + size, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(2, 22)
  header.writeUInt32LE(SAMPLE_RATE, 24)
  header.writeUInt32LE(SAMPLE_RATE * FRAME_BYTES, 28)
  header.writeUInt16LE(FRAME_BYTES, 32)
  header.writeUInt16LE(8 * SAMPLE_BYTES, 34)
  header.write('data', 36)
  header.writeUInt32LE(size, 40)
  return header
}
