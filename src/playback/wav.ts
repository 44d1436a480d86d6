import type { FileHandle } from 'node:fs/promises'
import { type Leg, SAMPLE_RATE } from '../shared/audio.js'
import { frameBytes, HEADER_BYTES, wavHeader } from '../shared/audio-formats/wav.js'

/** One sample of each leg. */
const FRAME_BYTES = frameBytes(2)
const CHANNEL: Record<Leg, number> = { caller: 0, agent: 1 }

/** @returns header of a recording of this many samples a leg: stereo, 16-bit, 8 kHz */
export const recordingHeader = (frames: number): Buffer =>
  wavHeader({ rate: SAMPLE_RATE, channels: 2 }, frames)

/** @returns bytes of the WAV file of a recording of this many samples a leg */
export const recordingBytes = (frames: number): number => HEADER_BYTES + frames * FRAME_BYTES

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
    const at = recordingBytes(sample)
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
    await this.#file.write(recordingHeader(this.#frames), 0, HEADER_BYTES, 0)
    return this.#frames
  }
}
