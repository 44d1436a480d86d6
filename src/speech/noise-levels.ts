import { SortedLevels } from './sorted-levels.js'

/** How far above the noise floor a frame of speech is, dB. */
const ABOVE_FLOOR_DB = 9
/**
 * The floor is the level that this share of the remembered frames does not exceed. Most of them are pauses, even while
 * the caller speaks.
 */
const FLOOR_SHARE = 0.3
/**
 * The crest is the level that this share of the remembered frames does not exceed. Noise such as talking people rises
 * far above its floor. Speech is this far above the crest, dB.
 */
const [CREST_SHARE, ABOVE_CREST_DB] = [0.9, 5]
/**
 * The crest is at most this far above that of the latest frames (500 ms), dB. It therefore falls soon after the end of
 * loud noise, such as a prompt's echo.
 */
const [LATEST_FRAMES, ABOVE_LATEST_DB] = [50, 12]
/** Frames of noise that are remembered: 3 s. This is longer than an answer, and short enough to follow a change of noise. */
const MEMORY_FRAMES = 300
/** The floor is at least this, dB of full scale: far below speech, and above the noise of A-law. */
const LEAST_FLOOR_DB = -62

/** Remembers the levels of a caller's noise, and derives the least level of speech. It is asked every 10 ms. */
export class NoiseLevels {
  /** Levels of the remembered frames, the oldest first, dB of full scale. */
  private readonly levels: number[] = []
  private readonly all = new SortedLevels(MEMORY_FRAMES)
  private readonly latest = new SortedLevels(LATEST_FRAMES)

  /** @param before the levels of the audio before, which are copied */
  constructor(before?: NoiseLevels) {
    for (const level of before?.levels ?? []) this.remember(level)
  }

  /** Number of remembered frames. */
  get frames(): number {
    return this.levels.length
  }

  /** @param level of a frame, dB of full scale */
  remember(level: number): void {
    if (this.levels.length >= LATEST_FRAMES) this.latest.remove(this.levels.at(-LATEST_FRAMES)!)
    if (this.levels.length === MEMORY_FRAMES) this.all.remove(this.levels.shift()!)
    this.levels.push(level)
    this.all.add(level)
    this.latest.add(level)
  }

  /** The least level of speech, dB of full scale. Requires remembered frames. */
  threshold(): number {
    const { all, latest } = this
    const floor = Math.max(all.quantile(FLOOR_SHARE), LEAST_FLOOR_DB)
    const crest = Math.min(all.quantile(CREST_SHARE), latest.quantile(CREST_SHARE) + ABOVE_LATEST_DB)
    return Math.max(floor + ABOVE_FLOOR_DB, crest + ABOVE_CREST_DB)
  }
}
