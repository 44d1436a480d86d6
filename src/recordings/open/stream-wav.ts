import { type Leg, SAMPLE_RATE } from '../../core/audio.js'
import { frameBytes, HEADER_BYTES, wavHeader } from '../../lib/audio-formats/wav-header.js'
import type { Identity } from '../../vault/crypto/types.js'
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

const CHANNEL: Record<Leg, number> = { caller: 0, agent: 1 }

/** Frames that fit before the buffer grows: half a minute. */
const INITIAL_FRAMES = 240_000

/**
 * Combines two legs to a stereo stream: left = caller, right = agent, missing samples are silence. Either leg may be ahead.
 * The buffer holds as much audio as one leg is ahead of the other.
 */
export class Interleaver {
  /** Frames from `#base` on, two samples each. */
  #frames = new Int16Array(INITIAL_FRAMES * 2)
  /** Position of the first frame that was not taken yet. */
  #base = 0
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }

  /** Puts samples at a position. Samples at positions that were already taken are repetitions and are ignored. */
  put(leg: Leg, sample: number, samples: Int16Array): void {
    const end = sample + samples.length
    this.#makeRoom(end - this.#base)
    for (let i = Math.max(0, this.#base - sample); i < samples.length; i++)
      this.#frames[(sample + i - this.#base) * 2 + CHANNEL[leg]] = samples[i]!
    this.#ends[leg] = Math.max(this.#ends[leg], end)
  }

  /** Takes the frames up to the position that both legs have reached. @returns 16-bit little-endian PCM */
  takeComplete(): Buffer {
    return this.#takeUntil(Math.min(this.#ends.caller, this.#ends.agent))
  }

  /** Takes all remaining frames, up to the end of the longer leg. @returns 16-bit little-endian PCM */
  takeRest(): Buffer {
    return this.#takeUntil(Math.max(this.#ends.caller, this.#ends.agent))
  }

  #takeUntil(end: number): Buffer {
    const count = Math.max(0, end - this.#base) * 2
    // If one side was left out for long, the buffer is large, so it is moved only when necessary.
    if (count === 0) return Buffer.alloc(0)
    const taken = Buffer.from(this.#frames.slice(0, count).buffer)
    this.#frames.copyWithin(0, count)
    this.#frames.fill(0, this.#frames.length - count)
    this.#base = Math.max(this.#base, end)
    return taken
  }

  #makeRoom(frames: number): void {
    if (frames * 2 <= this.#frames.length) return
    const larger = new Int16Array(Math.max(frames * 2, this.#frames.length * 2))
    larger.set(this.#frames)
    this.#frames = larger
  }
}
