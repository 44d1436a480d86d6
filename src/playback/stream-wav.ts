import { SAMPLE_RATE } from '../shared/audio.js'
import type { Identity } from '../vault/crypto/types.js'
import { Interleaver } from './interleave.js'
import { type OpeningResult, type PartToOpen, readRecording } from './open-recording.js'
import { recordingBytes, recordingHeader } from './wav.js'

/** What a recording comes to as a WAV file. */
export interface WavMeasure extends OpeningResult {
  /** Samples of the longer leg. */
  frames: number
  /** Bytes of the whole file. */
  bytes: number
}

/**
 * Opens a recording to its end, and tells how long it is; so that nothing is handed out of one that will be refused
 * in the middle.
 *
 * @param parts in order
 * @param ready as for `readRecording`
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`
 */
export async function measureWav(
  parts: PartToOpen[],
  identities: Identity[],
  ready?: () => Promise<void>,
): Promise<WavMeasure> {
  const reading = readRecording(parts, identities, ready)
  let frames = 0
  let step = await reading.next()
  for (; !step.done; step = await reading.next())
    frames = Math.max(frames, step.value.sample + step.value.samples.length)
  return { frames, bytes: recordingBytes(frames), seconds: frames / SAMPLE_RATE, ...step.value }
}

/**
 * A recording as the bytes of a stereo 16-bit WAV file, without a file: left = caller, right = agent, gaps are silence.
 *
 * @param parts in order
 * @param frames as it was measured
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`
 */
export async function* streamWav(
  parts: PartToOpen[],
  identities: Identity[],
  frames: number,
): AsyncGenerator<Buffer> {
  yield recordingHeader(frames)
  const stereo = new Interleaver()
  for await (const { leg, sample, samples } of readRecording(parts, identities)) {
    stereo.put(leg, sample, samples)
    const taken = stereo.takeComplete()
    if (taken.length > 0) yield taken
  }
  yield stereo.takeRest()
}
