import type { Leg } from '../../core/audio.js'

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
