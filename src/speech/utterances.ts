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

/** The frequencies of keys, Hz (ITU-T Q.23): one of the low group and one of the high group sound together. */
const LOW = [697, 770, 852, 941]
const HIGH = [1209, 1336, 1477, 1633]
/** Samples of the window in which the frequencies are distinguished: 20 ms at 8 kHz. */
const WINDOW = 160
/** Least share of the energy in the two tones of a key. Vowels, which have overtones and a moving pitch, stay below. */
const LEAST_SHARE = 0.8
/** Frames of the same key before it counts: 20 ms. */
const LEAST_FRAMES = 2
/** The greatest ratio of the two tones' powers: 10 dB, more than ITU-T Q.24 wants. */
const GREATEST_TWIST = 10

/** Detects the tones of keys in pieces of 10 ms. */
export class ToneDetector {
  private readonly window = new Float64Array(WINDOW)
  private key = -1
  private run = 0

  /** @returns whether the last 20 ms are the tone of a key */
  take(frame: Int16Array): boolean {
    this.window.copyWithin(0, frame.length)
    this.window.set(frame, WINDOW - frame.length)
    const key = keyIn(this.window)
    this.run = key === this.key ? this.run + 1 : 1
    this.key = key
    return key >= 0 && this.run >= LEAST_FRAMES
  }
}

/** @returns number of the key, 0 to 15; -1 for other sound */
function keyIn(window: Float64Array): number {
  let energy = 0
  for (const sample of window) energy += sample * sample
  if (energy === 0) return -1
  const [low, high] = [LOW, HIGH].map(group => group.map(hz => power(window, hz))) as [number[], number[]]
  const [l, h] = [Math.max(...low), Math.max(...high)]
  if (l + h < LEAST_SHARE * energy || Math.max(l / h, h / l) > GREATEST_TWIST) return -1
  return low.indexOf(l) * HIGH.length + high.indexOf(h)
}

/** Energy of one frequency in the window (Goertzel), comparable with the sum of its squares. */
function power(window: Float64Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / 8000)
  let [before, last] = [0, 0]
  for (const sample of window) [before, last] = [last, sample + turn * last - before]
  return ((last * last + before * before - turn * last * before) * 2) / window.length
}

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

/**
 * Levels in ascending order. Adding or removing a level moves the others by one place, which costs far less than
 * sorting them.
 */
class SortedLevels {
  private readonly values: Float64Array
  private count = 0

  /** @param most greatest number of levels at a time */
  constructor(most: number) {
    this.values = new Float64Array(most)
  }

  add(level: number): void {
    const at = this.placeOf(level)
    this.values.copyWithin(at + 1, at, this.count)
    this.values[at] = level
    this.count++
  }

  /** @param level one that was added, and not removed since */
  remove(level: number): void {
    const at = this.placeOf(level)
    this.values.copyWithin(at, at + 1, this.count)
    this.count--
  }

  /** The level that this share of the levels does not exceed. Requires at least one level. @param share below 1 */
  quantile(share: number): number {
    return this.values[Math.floor(share * this.count)]!
  }

  /** Index of the first level that is not below this one. */
  private placeOf(level: number): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.values[middle]! < level) low = middle + 1
      else high = middle
    }
    return low
  }
}
