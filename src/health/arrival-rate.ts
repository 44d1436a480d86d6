import type { Clock } from '../shared/clock.js'

/** Arrivals of this time are counted, ms. */
const COUNTED_MS = 4_000
/** Callers answer some seconds after they have come. So what a rate does is known after this time, ms. */
const EFFECT_MS = 8_000
/** Callers beyond the rate who may come at once: as many as the first rate allows in this time, s. */
const BURST_S = 4
/** A rate that callers came at, and that made nothing late, is raised to so many times of it. */
const CARRIED_TO = 1.4
/** How much a rate that callers meet is raised in each second without lateness, as a fraction of itself. */
const RAISED = 0.05
/** Lateness lowers the rate to this fraction of the callers a second who were asked, or who might have been. */
const LOWERED_TO = 0.7
/** Lowest rate, callers a second: another program may have made the service late. */
const LEAST = 2
/** The rate is the first one again, if it is lower, once nothing was late and nobody was refused for so long, ms. */
const FORGOTTEN_MS = 60_000

/**
 * Limits how many new callers are asked a second. Most of what a caller costs comes some seconds after the arrival: the answer is stored, and the
 * recording is made ready. When that makes the service late, those who have been asked until then are too many already. So the rate begins where
 * any machine can follow, and rises with what the machine has carried.
 */
export class ArrivalRate {
  readonly #clock: Pick<Clock, 'elapsed'>
  readonly #first: number
  /** Callers a second. */
  #perSecond: number
  /** The last callers who were asked: when, ms, and how many a second were asked then. */
  #asked: { at: number; perSecond: number }[] = []
  /** How many may be asked now; a fraction counts for later. */
  #free: number
  #filledAt: number
  #lateAt = Number.NEGATIVE_INFINITY
  #loweredAt = Number.NEGATIVE_INFINITY
  #refusedAt = Number.NEGATIVE_INFINITY

  /** @param first callers a second who are asked at first */
  constructor(clock: Pick<Clock, 'elapsed'>, first: number) {
    this.#clock = clock
    this.#first = first
    this.#perSecond = first
    this.#free = BURST_S * first
    this.#filledAt = clock.elapsed()
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
    this.#asked.push({ at: now, perSecond: this.#askedPerSecond(now) })
  }

  /** The service is late. */
  late(): void {
    this.#fill()
    const now = this.#clock.elapsed()
    this.#lateAt = now
    this.#free = 0
    if (now - this.#loweredAt < EFFECT_MS) return
    this.#loweredAt = now
    this.#perSecond = Math.max(LOWERED_TO * Math.min(this.#askedPerSecond(now), this.#perSecond), LEAST)
  }

  /** Adds what the time since the last call allows, and raises the rate. */
  #fill(): void {
    const now = this.#clock.elapsed()
    const seconds = (now - this.#filledAt) / 1_000
    this.#filledAt = now
    this.#raise(now, seconds)
    const most = Math.max(this.#perSecond, BURST_S * this.#first)
    this.#free = Math.min(this.#free + seconds * this.#perSecond, most)
  }

  #raise(now: number, seconds: number): void {
    for (const { at, perSecond } of this.#asked)
      if (now - at >= EFFECT_MS && at > this.#lateAt)
        this.#perSecond = Math.max(this.#perSecond, CARRIED_TO * perSecond)
    this.#asked = this.#asked.filter(({ at }) => now - at < EFFECT_MS)
    if (now - this.#lateAt < EFFECT_MS) return
    if (this.refusedWithin(1_000)) this.#perSecond *= 1 + RAISED * Math.min(seconds, 1)
    if (now - Math.max(this.#refusedAt, this.#lateAt) >= FORGOTTEN_MS)
      this.#perSecond = Math.max(this.#perSecond, this.#first)
  }

  #askedPerSecond(now: number): number {
    return this.#asked.filter(({ at }) => now - at < COUNTED_MS).length / (COUNTED_MS / 1_000)
  }
}
