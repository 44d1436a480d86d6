import { ToneDetector } from './tones.js'

/** Samples of one frame: 10 ms at 8 kHz. */
export const FRAME = 80
export const SAMPLES_PER_MS = 8

/** How far above the noise floor a frame of speech is, dB. Babble at 10 dB below speech seldom reaches it. */
const ABOVE_FLOOR_DB = 9
/** The floor is this share of the frames in the memory below: most of them are pauses, even while somebody speaks. */
const FLOOR_SHARE = 0.3
/** Frames that the floor is taken from: 3 s. Longer than an answer, short enough to follow a change of noise. */
const MEMORY_FRAMES = 300
/** While speech goes on, its frames do not count as noise, for that long: a little more than an answer, 2.6 s. */
const UNCOUNTED_FRAMES = 260
/** Before that many frames nothing is known of the noise: 100 ms. */
const LEAST_MEMORY = 10
/** Quieter frames are silence, dB of full scale. It is far below speech and above the noise of a-law. */
const LEAST_FLOOR_DB = -62
/** Speech begins when that many of the last frames are above the threshold: 50 of 80 ms. */
const [BEGIN_ACTIVE, BEGIN_WINDOW] = [5, 8]
/** A frame counts as speech that goes on only with neighbours, so that a click does not prolong it: 30 of 50 ms. */
const [GO_ON_ACTIVE, GO_ON_WINDOW] = [3, 5]

/** Speech that was found, in samples from the beginning of the hearing. */
export interface Speech {
  begin: number
  /** End of the last active frame so far. */
  end: number
}

/**
 * Finds speech in a caller's audio by energy over a noise floor that adapts. Tones of keys are no speech. It decides about each
 * frame at once and keeps no audio.
 */
export class SpeechFinder {
  private readonly tones = new ToneDetector()
  private readonly levels: number[] = []
  private readonly active: boolean[] = []
  private frames = 0
  private current: Speech | undefined

  /**
   * Takes the next frame.
   *
   * @param frame `FRAME` samples, 16 bit
   * @returns the speech that goes on; undefined if there is none since `reset`
   */
  take(frame: Int16Array): Speech | undefined {
    const level = levelOf(frame)
    const threshold = this.floor() + ABOVE_FLOOR_DB
    const tone = this.tones.take(frame)
    this.active.push(!tone && this.levels.length >= LEAST_MEMORY && level > threshold)
    if (!this.current || this.frames - this.current.begin / FRAME > UNCOUNTED_FRAMES) this.remember(level)
    if (this.active.length > BEGIN_WINDOW) this.active.shift()
    this.frames++
    if (this.current) this.prolong()
    else this.begin()
    return this.current
  }

  /** Forgets the current speech. What is known of the noise stays. */
  reset(): void {
    this.current = undefined
    this.active.length = 0
  }

  private begin(): void {
    if (count(this.active) < BEGIN_ACTIVE) return
    const first = this.active.indexOf(true) - this.active.length
    this.current = { begin: (this.frames + first) * FRAME, end: this.frames * FRAME }
  }

  private prolong(): void {
    const recent = this.active.slice(-GO_ON_WINDOW)
    if (recent.at(-1) && count(recent) >= GO_ON_ACTIVE) this.current!.end = this.frames * FRAME
  }

  private remember(level: number): void {
    this.levels.push(level)
    if (this.levels.length > MEMORY_FRAMES) this.levels.shift()
  }

  private floor(): number {
    const sorted = Float64Array.from(this.levels).sort()
    return Math.max(sorted[Math.floor(FLOOR_SHARE * sorted.length)] ?? LEAST_FLOOR_DB, LEAST_FLOOR_DB)
  }
}

const count = (list: boolean[]): number => list.filter(Boolean).length

/** Level of a frame, dB of full scale. */
function levelOf(frame: Int16Array): number {
  let sum = 0
  for (const sample of frame) sum += sample * sample
  return 10 * Math.log10(sum / frame.length / 32768 ** 2 + 1e-10)
}
