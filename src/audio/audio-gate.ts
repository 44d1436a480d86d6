import { type AudioBlock, type Leg, SAMPLE_RATE } from '../core/audio.js'

/**
 * Most audio of one leg that is held back, samples: 30 s that the keeper may send at once, and 15 s that arrive until
 * the PBX has answered.
 */
const MOST_SAMPLES = 45 * SAMPLE_RATE

/** The last waiting block of a leg: when it arrived, ms since the epoch, and the position after its last sample. */
type LastWaiting = Readonly<{ arrivedAt: number; end: number }>

/** A block that waits, or a step that keeps its place among the blocks. */
interface Waiting {
  work(): void
  /** The service has processed all reports of the PBX from before this entry. */
  known: boolean
  /** Set for a block. `beganAt`: when its first sample was spoken, ms since the epoch. */
  audio?: Readonly<{ leg: Leg; samples: number; beganAt: number }>
}

/**
 * Holds back the audio of one tap until it is known whether it may be stored. A block waits until the service has
 * processed all reports of the PBX from before the block. All blocks wait while the participants are unknown. Held
 * audio is only in memory and is not acknowledged. A later service therefore receives again the part that the keeper
 * still holds, the last 30 s.
 */
export class AudioGate {
  readonly #onFull: () => void
  readonly #caughtUp: (() => Promise<void>) | undefined
  #holds = false
  /** The channel has ended. */
  #atEnd = false
  /** Since when the participants are unknown, ms since the epoch; undefined for the audio of a recovered tap. */
  #heldFrom: number | undefined
  #waiting: Waiting[] = []
  readonly #last = new Map<Leg, LastWaiting>()
  /** How much of each leg waits now, samples. */
  readonly #samples: Record<Leg, number> = { caller: 0, agent: 0 }

  /**
   * @param onFull called when more than 45 s of a leg wait. All audio is held then, and `onFull` must call `release`
   * @param caughtUp resolves when the service has processed all reports of the PBX from before the call; rejects if the
   *   connection to the PBX is lost first. Without it, no block waits for that
   */
  constructor(onFull: () => void, caughtUp?: () => Promise<void>) {
    this.#onFull = onFull
    this.#caughtUp = caughtUp
  }

  get holds(): boolean {
    return this.#holds
  }

  /**
   * Since when the participants are unknown, ms since the epoch; undefined if nothing is held, or no block of a
   * recovered tap has come yet.
   */
  get since(): number | undefined {
    return this.#holds ? (this.#heldFrom ?? this.#first) : undefined
  }

  /**
   * Holds back all audio from now on. Repeated calls do nothing.
   *
   * @param from since when the participants are unknown, ms since the epoch; undefined if they are unknown for all
   *   audio that comes
   */
  hold(from?: number): void {
    if (this.#holds) return
    this.#holds = true
    this.#heldFrom = from
  }

  /**
   * The channel has ended. Audio from now on waits for `release`, whatever the PBX reports: it may be of another phone.
   *
   * @param from when the channel ended, ms since the epoch
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
    // A PBX that does not answer a ping for this time counts as unreachable.
    this.hold(this.#first)
    this.#onFull()
  }

  /** Runs `work` in the order of the blocks, after those that wait. */
  inOrder(work: () => void): void {
    if (this.#holds || this.#waiting.length > 0) this.#waiting.push({ work, known: true })
    else work()
  }

  /** Position of a moment on a leg, by the last waiting block; undefined if no block before that moment waits. */
  positionAt(leg: Leg, at: number): number | undefined {
    const last = this.#last.get(leg)
    if (!last || at < last.arrivedAt) return undefined
    return last.end + Math.round(((at - last.arrivedAt) * SAMPLE_RATE) / 1_000)
  }

  /**
   * The PBX has reported the participants, so held audio passes, unless the channel has ended. It passes when the
   * service has processed all that the PBX reported until now: an answer of the PBX may overtake the report of a
   * participant who joined after it. Blocks that already wait for earlier reports pass with those.
   */
  told(): void {
    if (!this.#holds || this.#atEnd) return
    this.#holds = false
    const news = this.#caughtUp?.()
    if (news) this.#passAfter(news, [...this.#waiting])
    else this.release()
  }

  /** Ends the hold and passes all audio that waits. */
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

  /**
   * Passes these blocks when `news` resolves. If the connection to the PBX is lost first, all audio is held until the
   * participants are reconciled.
   */
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
