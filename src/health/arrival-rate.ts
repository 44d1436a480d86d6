import type { Clock } from '../shared/clock.js'

/** Arrivals of this time are counted, ms. */
const COUNTED_MS = 4_000
/** Lateness lowers the rate to this fraction of the callers a second who were asked, or who might have been. */
const LOWERED_TO = 0.7
/** Lowest rate, callers a second: another program may have made the service late. */
const LEAST = 2
/** Callers answer some seconds after they have come. So what a rate does is known after this time, ms. */
const EFFECT_MS = 8_000
/** How much a rate that callers meet is raised in each second without lateness, as a fraction of itself. */
const RAISED = 0.05
/** The rate has no limit any more once nothing was late and it refused nobody for so long, ms. */
const FORGOTTEN_MS = 60_000

/**
 * Limits how many new callers are asked a second, once the service was late. Most of what a caller costs comes some seconds after the arrival: the
 * answer is stored, and the recording is made ready. If lateness alone decided, each time that it is over would let in more callers than can be
 * served when they answer.
 */
export class ArrivalRate {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** Callers a second; no limit at first. */
  #perSecond = Number.POSITIVE_INFINITY
  /** When the last callers were asked, ms. */
  #askedAt: number[] = []
  /** How many may be asked now; a fraction counts for later. */
  #free = 0
  #filledAt = 0
  #lateAt = Number.NEGATIVE_INFINITY
  #loweredAt = Number.NEGATIVE_INFINITY
  #refusedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
  }

  /** Callers a second. */
  get perSecond(): number {
    this.#fill()
    return this.#perSecond
  }

  /** Whether a caller was not asked because of the rate within the last `ms`. */
  refusedWithin(ms: number): boolean {
    return this.#clock.elapsed() - this.#refusedAt < ms
  }

  /** Whether the next caller is one too many. */
  get exceeded(): boolean {
    this.#fill()
    return this.#free < 1
  }

  /** A caller is not asked because of the rate. */
  refused(): void {
    this.#refusedAt = this.#clock.elapsed()
  }

  /** A caller is asked. */
  asked(): void {
    const now = this.#clock.elapsed()
    this.#fill()
    this.#free -= 1
    this.#askedAt = this.#askedAt.filter(at => now - at < COUNTED_MS)
    this.#askedAt.push(now)
  }

  /** The service is late. */
  late(): void {
    this.#fill()
    const now = this.#clock.elapsed()
    this.#lateAt = now
    this.#free = 0
    if (now - this.#loweredAt < EFFECT_MS) return
    this.#loweredAt = now
    const recent = this.#askedAt.filter(at => now - at < COUNTED_MS).length / (COUNTED_MS / 1_000)
    this.#perSecond = Math.max(LOWERED_TO * Math.min(recent, this.#perSecond), LEAST)
  }

  /** Adds what the time since the last call allows, and raises the rate. */
  #fill(): void {
    const now = this.#clock.elapsed()
    const seconds = (now - this.#filledAt) / 1_000
    this.#filledAt = now
    if (now - this.#lateAt >= EFFECT_MS) {
      if (now - Math.max(this.#refusedAt, this.#lateAt) >= FORGOTTEN_MS)
        this.#perSecond = Number.POSITIVE_INFINITY
      else if (this.refusedWithin(1_000)) this.#perSecond *= 1 + RAISED * Math.min(seconds, 1)
    }
    const limited = Number.isFinite(this.#perSecond)
    this.#free = limited ? Math.min(this.#free + seconds * this.#perSecond, this.#perSecond) : this.#perSecond
  }
}
