import type { FileHandle } from 'node:fs/promises'
import { type Leg, SAMPLE_RATE } from '../../core/audio.js'
import { HEADER_BYTES } from '../../lib/audio-formats/wav-header.js'
import { type Output, throwUnwritable, writeOutput } from '../../lib/files/output-file.js'
import type { Identity } from '../../vault/crypto/types.js'
import { type OpeningResult, type PartToOpen, readRecording } from './open-recording.js'
import { measureWav, streamWav, wavFileBytes, wavHeaderOf } from './stream-wav.js'

type Ready = () => Promise<void>

const CHANNEL: Record<Leg, number> = { caller: 0, agent: 1 }

/**
 * Decrypts a recording to a stereo 16-bit WAV: left = caller, right = agent, gaps are silence. A file gets its name only
 * after every part was read. If a part is refused, no file is left, and nothing is sent into a pipe.
 *
 * @param parts in order
 * @param ready called when the file can be written and all keys fit, before any audio is decrypted
 * @throws AppError `store.unwritable`, `key.missing`, `key.refused`, `container.invalid`; what `ready` throws
 */
export const writeWav = (
  parts: PartToOpen[],
  identities: Identity[],
  path: string,
  ready?: Ready,
): Promise<OpeningResult> =>
  writeOutput(path, output =>
    output.draft
      ? writeDraft(output.draft, parts, identities, path, ready)
      : writeStream(output, parts, identities, ready),
  )

/** Reads the recording once and writes each block at its position. */
async function writeDraft(
  draft: FileHandle,
  parts: PartToOpen[],
  identities: Identity[],
  path: string,
  ready?: Ready,
): Promise<OpeningResult> {
  const wav = new WavWriter(draft)
  const reading = readRecording(parts, identities, ready)
  let step = await reading.next()
  for (; !step.done; step = await reading.next()) {
    const { leg, sample, samples } = step.value
    await wav.write(leg, sample, samples).catch(throwUnwritable(path))
  }
  const samples = await wav.finish().catch(throwUnwritable(path))
  return { seconds: samples / SAMPLE_RATE, ...step.value }
}

/** Reads the recording twice, because the header states the length and a stream cannot be changed after it was sent. */
async function writeStream(
  output: Output,
  parts: PartToOpen[],
  identities: Identity[],
  ready?: Ready,
): Promise<OpeningResult> {
  const { frames, bytes: _, ...result } = await measureWav(parts, identities, ready)
  await output.write(streamWav(parts, identities, frames))
  return result
}

/**
 * Writes the samples of both legs to a stereo WAV file, in any order. Positions without samples are silence. Memory use does
 * not grow with the length, because each write is merged into the file.
 */
class WavWriter {
  readonly #file: FileHandle
  #frames = 0

  /** @param file empty, open for reading and writing; the caller closes it */
  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Writes samples of one leg at a position in samples. */
  async write(leg: Leg, sample: number, samples: Int16Array): Promise<void> {
    const at = wavFileBytes(sample)
    // WAV is little-endian, as are all platforms that Node runs on in practice.
    const frames = new Int16Array(samples.length * 2)
    const bytes = Buffer.from(frames.buffer)
    await this.#file.read(bytes, 0, bytes.length, at)
    for (let i = 0, to = CHANNEL[leg]; i < samples.length; i++, to += 2) frames[to] = samples[i]!
    await this.#file.write(bytes, 0, bytes.length, at)
    this.#frames = Math.max(this.#frames, sample + samples.length)
  }

  /** Writes the header. @returns length in samples */
  async finish(): Promise<number> {
    await this.#file.write(wavHeaderOf(this.#frames), 0, HEADER_BYTES, 0)
    return this.#frames
  }
}
