import type { FileHandle } from 'node:fs/promises'
import { type Output, throwUnwritable, writeOutput } from '../files/output-file.js'
import { SAMPLE_RATE } from '../shared/audio.js'
import type { Identity } from '../vault/crypto/types.js'
import { type OpeningResult, type PartToOpen, readRecording } from './open-recording.js'
import { measureWav, streamWav } from './stream-wav.js'
import { WavWriter } from './wav.js'

type Ready = () => Promise<void>

/**
 * Decrypts a recording into a stereo 16-bit WAV: left = caller, right = agent, gaps are silence. The file stands
 * under its name only when every part has been read; if one is refused, nothing is left, nor sent into a pipe.
 *
 * @param parts in order
 * @param ready called when the file can be written and all keys fit, and before anything is decrypted
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

/** In one run: each block is mixed in at its place. */
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

/** In two runs: what was sent cannot be taken back, and its head says how much there is. */
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
