import { NoiseLevels } from './noise-levels.js'
import { ToneDetector } from './tones.js'

/** Samples of one frame: 10 ms at 8 kHz. */
export const FRAME = 80
export const SAMPLES_PER_MS = 8

/**
 * Frames of speech count as noise only after speech of this many frames: 2.6 s, a little more than the longest answer.
 */
const UNCOUNTED_FRAMES = 260
/** Nothing counts as speech until this many frames of noise are known: 500 ms. The question has only begun then. */
const LEAST_MEMORY = 50
/** Speech begins when this many of the last frames are above the threshold: 50 of 80 ms. */
const [BEGIN_ACTIVE, BEGIN_WINDOW] = [5, 8]
/**
 * Speech continues when this many of the last frames are above the threshold: 30 of 50 ms. A click does not prolong it.
 */
const [GO_ON_ACTIVE, GO_ON_WINDOW] = [3, 5]

/** Detected speech, in samples from the beginning of the hearing. */
export interface Speech {
  begin: number
  /** End of the last active frame so far. */
  end: number
}

/**
 * Finds speech in a caller's audio by energy over a noise floor that adapts. Tones of keys do not count as speech. It
 * decides about each frame at once and keeps no audio.
 */
export class SpeechFinder {
  private readonly tones = new ToneDetector()
  private readonly noise: NoiseLevels
  /** Levels of the last frames, which may become the beginning of speech. */
  private readonly undecided: number[] = []
  private readonly active: boolean[] = []
  private frames = 0
  private current: Speech | undefined

  /** @param before the finder of the audio before, whose noise is copied */
  constructor(before?: SpeechFinder) {
    this.noise = new NoiseLevels(before?.noise)
  }

  /**
   * Takes the next frame.
   *
   * @param frame `FRAME` samples, 16 bit
   * @returns the current speech; undefined if there was none since `reset`
   */
  take(frame: Int16Array): Speech | undefined {
    const level = levelOf(frame)
    const tone = this.tones.take(frame)
    this.active.push(!tone && this.noise.frames >= LEAST_MEMORY && level > this.noise.threshold())
    const counts = !this.current || this.frames - this.current.begin / FRAME > UNCOUNTED_FRAMES
    if (counts && !tone) this.remember(level)
    if (this.active.length > BEGIN_WINDOW) this.active.shift()
    this.frames++
    if (this.current) this.prolong()
    else this.begin()
    return this.current
  }

  /** Forgets the current speech, and keeps the noise. */
  reset(): void {
    this.current = undefined
    this.active.length = 0
    this.undecided.length = 0
  }

  private begin(): void {
    if (count(this.active) < BEGIN_ACTIVE) return
    const first = this.active.indexOf(true) - this.active.length
    this.current = { begin: (this.frames + first) * FRAME, end: this.frames * FRAME }
    this.undecided.length = 0
  }

  private prolong(): void {
    const recent = this.active.slice(-GO_ON_WINDOW)
    if (recent.at(-1) && count(recent) >= GO_ON_ACTIVE) this.current!.end = this.frames * FRAME
  }

  private remember(level: number): void {
    this.undecided.push(level)
    if (this.undecided.length > BEGIN_WINDOW) this.noise.remember(this.undecided.shift()!)
  }
}

const count = (list: boolean[]): number => list.filter(Boolean).length

/** Level of a frame, dB of full scale. */
export function levelOf(frame: Int16Array): number {
  let sum = 0
  for (const sample of frame) sum += sample * sample
  return 10 * Math.log10(sum / frame.length / 32768 ** 2 + 1e-10)
}
