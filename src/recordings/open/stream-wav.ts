import { SAMPLE_RATE } from '../../core/audio.js'
import { frameBytes, HEADER_BYTES, wavHeader } from '../../lib/audio-formats/wav-header.js'
import type { Identity } from '../../vault/crypto/types.js'
import { Interleaver } from './interleave.js'
import { type OpeningResult, type PartToOpen, readRecording } from './open-recording.js'

/** Left channel: caller. Right channel: agent. */
const CHANNELS = 2

/** @returns header of the WAV file of a recording with this many samples per leg */
export const wavHeaderOf = (frames: number): Uint8Array =>
  wavHeader({ rate: SAMPLE_RATE, channels: CHANNELS }, frames)

/** @returns bytes of the WAV file of a recording with this many samples per leg */
export const wavFileBytes = (frames: number): number => HEADER_BYTES + frames * frameBytes(CHANNELS)

/** Size of a recording as a WAV file. */
export interface WavMeasure extends OpeningResult {
  /** Samples of the longer leg. */
  frames: number
  /** Bytes of the whole file. */
  bytes: number
}

/**
 * Reads a recording to its end and measures its length. So a recording that is refused in the middle is refused before any
 * audio is sent.
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
  return { frames, bytes: wavFileBytes(frames), seconds: frames / SAMPLE_RATE, ...step.value }
}

/**
 * Decrypts a recording to the bytes of a stereo 16-bit WAV file: left = caller, right = agent, gaps are silence.
 *
 * @param parts in order
 * @param frames from `measureWav`
 * @throws AppError `key.missing`, `key.refused`, `container.invalid`
 */
export async function* streamWav(
  parts: PartToOpen[],
  identities: Identity[],
  frames: number,
): AsyncGenerator<Uint8Array> {
  yield wavHeaderOf(frames)
  const stereo = new Interleaver()
  for await (const { leg, sample, samples } of readRecording(parts, identities)) {
    stereo.put(leg, sample, samples)
    const taken = stereo.takeComplete()
    if (taken.length > 0) yield taken
  }
  yield stereo.takeRest()
}
