import { type AudioBlock, type Leg, SAMPLE_RATE } from '../shared/audio.js'

/** Most audio of one leg that is held back, samples: the 30 s that the keeper may hand over at once, and 15 s that come until the PBX has told. */
const MOST_SAMPLES = 45 * SAMPLE_RATE

/** The last block of a leg that waits: when it arrived, ms since the epoch, and the position after its last sample. */
type LastWaiting = Readonly<{ arrivedAt: number; end: number }>

/** What waits. */
interface Waiting {
  work(): void
  /** All is known that the PBX had reported before it came. */
  known: boolean
  /** Set for a block. `beganAt`: when its first sample was spoken, ms since the epoch. */
  audio?: Readonly<{ leg: Leg; samples: number; beganAt: number }>
}

/**
 * Holds back the audio of one tap until it is known whether it may be stored: each block until all is known that the PBX had reported before the
 * block came, and all blocks while the PBX has not told who is with the caller. What is held is in memory alone, and is not acknowledged, so that
 * a later service gets again what the keeper still holds of it, the last 30 s.
 */
export class AudioGate {
  readonly #onFull: () => void
  readonly #caughtUp: (() => Promise<void>) | undefined
  #holds = false
  /** The channel has ended. */
  #atEnd = false
  /** Since when it is not known who is there, ms since the epoch; undefined if an earlier service left what comes. */
  #heldFrom: number | undefined
  #waiting: Waiting[] = []
  readonly #last = new Map<Leg, LastWaiting>()
  /** How much of each leg waits now, samples. */
  readonly #samples: Record<Leg, number> = { caller: 0, agent: 0 }

  /**
   * @param onFull is called when more than 45 s of a leg wait. Then everything is held, and it has to `release`
   * @param caughtUp resolves when all is known that the PBX had reported before the call; rejects when the PBX is lost before. Without it,
   *   nothing waits for that
   */
  constructor(onFull: () => void, caughtUp?: () => Promise<void>) {
    this.#onFull = onFull
    this.#caughtUp = caughtUp
  }

  get holds(): boolean {
    return this.#holds
  }

  /** Since when nothing is known, ms since the epoch; undefined if nothing is held, or no block of an earlier service has come yet. */
  get since(): number | undefined {
    return this.#holds ? (this.#heldFrom ?? this.#first) : undefined
  }

  /**
   * Holds back what comes from now on. Repeated calls do nothing.
   *
   * @param from since when nothing is known, ms since the epoch. Without it, all that comes is of that time
   */
  hold(from?: number): void {
    if (this.#holds) return
    this.#holds = true
    this.#heldFrom = from
  }

  /**
   * The channel has ended. What comes from now on waits for `release`, whatever the PBX tells: it may be of somebody else.
   *
   * @param from when it ended, ms since the epoch
   */
  holdAtEnd(from: number): void {
    this.hold(from)
    this.#atEnd = true
  }

  /** Passes a block on, now or later. Its bytes are copied if it has to wait. */
  block(block: AudioBlock, samples: number, pass: (block: AudioBlock) => void): void {
    const news = this.#holds ? undefined : this.#caughtUp?.()
    if (!this.#holds && !news && this.#waiting.length === 0) {
      pass(block)
      return
    }
    const { leg, sample, arrivedAt } = block
    const copy = { ...block, bytes: Buffer.from(block.bytes) }
    const beganAt = arrivedAt - (samples * 1_000) / SAMPLE_RATE
    const waiting: Waiting = { work: () => pass(copy), known: true, audio: { leg, samples, beganAt } }
    this.#waiting.push(waiting)
    if (news) this.#passAfter(news, [waiting])
    this.#last.set(leg, { arrivedAt, end: sample + samples })
    this.#samples[leg] += samples
    if (this.#samples[leg] <= MOST_SAMPLES) return
    // A PBX that answers no ping for so long counts as one that is not heard.
    this.hold(this.#first)
    this.#onFull()
  }

  /** Does what concerns the order of the blocks, after those that wait. */
  inOrder(work: () => void): void {
    if (this.#holds || this.#waiting.length > 0) this.#waiting.push({ work, known: true })
    else work()
  }

  /** Where a moment is on a leg by the block that waits last; undefined if none before that moment waits. */
  positionAt(leg: Leg, at: number): number | undefined {
    const last = this.#last.get(leg)
    if (!last || at < last.arrivedAt) return undefined
    return last.end + Math.round(((at - last.arrivedAt) * SAMPLE_RATE) / 1_000)
  }

  /**
   * The PBX has told who is there, so what is held passes, unless the channel has ended. It passes when all is known that the PBX has reported until
   * now: an answer of the PBX may overtake the report of somebody who joined after it. What waits for that already waits on.
   */
  told(): void {
    if (!this.#holds || this.#atEnd) return
    this.#holds = false
    const news = this.#caughtUp?.()
    if (news) this.#passAfter(news, [...this.#waiting])
    else this.release()
  }

  /** Lets everything through, that which waits first. */
  release(): void {
    this.#holds = false
    for (const one of this.#waiting) one.known = true
    this.#passKnown()
  }

  /** When the first sample that waits was spoken, ms since the epoch; undefined if no block waits. */
  get #first(): number | undefined {
    const began = this.#waiting.flatMap(({ audio }) => audio?.beganAt ?? [])
    return began.length > 0 ? Math.min(...began) : undefined
  }

  /** These pass when `news` resolves. If the PBX is lost before that, all is held until the next look at its bridges. */
  #passAfter(news: Promise<void>, those: readonly Waiting[]): void {
    for (const one of those) one.known = false
    const pass = () => {
      for (const one of those) one.known = true
      this.#passKnown()
    }
    const lost = () => {
      if (those.some(({ known }) => !known)) this.hold(this.#first)
    }
    void news.then(pass, lost)
  }

  #passKnown(): void {
    while (!this.#holds && this.#waiting[0]?.known) {
      const { work, audio } = this.#waiting.shift()!
      if (audio) this.#samples[audio.leg] -= audio.samples
      work()
    }
    if (this.#waiting.length === 0) this.#last.clear()
  }
}
