import type { Leg } from '../shared/audio.js'

const CHANNEL: Record<Leg, number> = { caller: 0, agent: 1 }

/** Frames for which there is room at first: half a minute. */
const INITIAL_FRAMES = 240_000

/**
 * Makes one stereo stream of two legs of which either may be ahead: left = caller, right = agent, what nothing was
 * put to is silence. Holds as much as one leg is ahead of the other.
 */
export class Interleaver {
  /** Frames from `#base` on, two samples each. */
  #frames = new Int16Array(INITIAL_FRAMES * 2)
  /** First frame that was not taken yet. */
  #base = 0
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }

  /** Puts samples at their place; what lies before what was taken is a repetition, and left out. */
  put(leg: Leg, sample: number, samples: Int16Array): void {
    const end = sample + samples.length
    this.#makeRoom(end - this.#base)
    for (let i = Math.max(0, this.#base - sample); i < samples.length; i++)
      this.#frames[(sample + i - this.#base) * 2 + CHANNEL[leg]] = samples[i]!
    this.#ends[leg] = Math.max(this.#ends[leg], end)
  }

  /** Takes the frames to which both legs have come, as 16-bit little-endian PCM. */
  takeComplete(): Buffer {
    return this.#takeUntil(Math.min(this.#ends.caller, this.#ends.agent))
  }

  /** Takes what is left of the longer leg. */
  takeRest(): Buffer {
    return this.#takeUntil(Math.max(this.#ends.caller, this.#ends.agent))
  }

  #takeUntil(end: number): Buffer {
    const count = Math.max(0, end - this.#base) * 2
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
