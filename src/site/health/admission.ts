import type { Clock } from '../../core/clock.js'
import type { Load } from '../../core/ports.js'
import type { Late, LatenessMeter } from './lateness.js'

/** How long the alarm `overloaded` stands after the last refusal because of the rate, ms. */
const RATE_ALARM_MS = 5_000

const SLOW: Record<Late, string> = {
  process: 'the process of the service gets its turn',
  pbx: 'the PBX answers an order',
  commit: 'the database commits an answer',
  storage: 'store, key store and pipes of a recording are ready',
  prompts: 'the files of a prompt are checked',
}

interface AdmissionDeps {
  clock: Pick<Clock, 'elapsed'>
  lateness: Pick<LatenessMeter, 'worst'>
  /** Lateness at which new callers are not asked, ms. */
  maxLagMs: number
  /** The first rate, new callers per second, until the machine's capacity is known. */
  firstRate: number
  /** Further limits. */
  bounds: readonly Bound[]
}

/**
 * Decides from the machine's present load whether the next caller is asked. Lateness closes the gate, which opens again
 * at half of the limit. The rate of callers is limited by the load that the machine has already carried, see
 * `ArrivalRate`.
 */
export function createAdmission({ clock, lateness, maxLagMs, firstRate, bounds }: AdmissionDeps) {
  const rate = new ArrivalRate(clock, firstRate)
  /** The slow work at the moment when the gate closed for lateness. */
  let slow = ''
  const gate = createGate([
    { reason: 'overloaded', value: () => lateness.worst.ms, limit: () => maxLagMs, reopenAt: 0.5 },
    ...bounds,
  ])
  function reasons(): Load[] {
    const found = gate.reasons()
    if (!found.includes('overloaded')) slow = ''
    else {
      const { what, ms } = lateness.worst
      slow ||= `${SLOW[what]} after ${Math.round(ms)} ms`
      rate.late()
    }
    return found
  }
  const wouldRefuse = (): Load | undefined => reasons()[0] ?? (rate.exceeded ? 'overloaded' : undefined)
  return {
    /** Returns why the next caller would not be asked; undefined if the caller would. */
    wouldRefuse,
    /** Returns why an arrived caller is not asked, and counts the refusal; undefined if the caller is asked. */
    closed(): Load | undefined {
      const why = wouldRefuse()
      if (why === 'overloaded') rate.refused()
      return why
    },
    /** Counts a caller who is asked. */
    asked: () => rate.asked(),
    /** Returns the loads to report, with a message about the slow work or the rate. */
    loads(): { load: Load; why?: string }[] {
      const found = reasons().map(load => ({ load, ...(load === 'overloaded' && { why: slow }) }))
      if (found.some(({ load }) => load === 'overloaded') || !rate.refusedWithin(RATE_ALARM_MS)) return found
      return [
        ...found,
        { load: 'overloaded', why: `at most ${rate.perSecond.toFixed(1)} a second are asked` },
      ]
    },
  }
}

/** A value that must stay below a limit. */
interface Bound {
  reason: Load
  value(): number
  /** The gate closes when the value reaches this limit. */
  limit(): number
  /**
   * The gate opens again when the value has fallen to this fraction of the limit. It is below 1, so that the gate does
   * not flap.
   */
  reopenAt: number
}

/** A gate that is open while every value is within its limit. `closed` gives the first reason, `reasons` all of them. */
export function createGate(bounds: readonly Bound[]): { closed(): Load | undefined; reasons(): Load[] } {
  const exceeded = new Set<Bound>()
  const reasons = () => {
    for (const bound of bounds) {
      const { value: now, limit: most, reopenAt: again } = bound
      const over = exceeded.has(bound) ? now() > Math.floor(most() * again) : now() >= most()
      if (over) exceeded.add(bound)
      else exceeded.delete(bound)
    }
    return bounds.filter(bound => exceeded.has(bound)).map(({ reason }) => reason)
  }
  return { reasons, closed: () => reasons()[0] }
}

/** Span in which arrivals are counted, ms. */
const COUNTED_MS = 4_000
/** Time after which the effect of a rate is known, ms. Callers answer some seconds after they arrive. */
const EFFECT_MS = 8_000
/** Size of a burst: callers beyond the rate who may arrive at once, as seconds of the first rate. */
const BURST_S = 4
/** A rate that was reached without lateness is raised to this multiple. */
const CARRIED_TO = 1.4
/** Increase of a limiting rate in each second without lateness, as a fraction of itself. */
const RAISED = 0.05
/** Lateness lowers the rate to this fraction of the callers asked per second, or of the rate if that is lower. */
const LOWERED_TO = 0.7
/** Lowest rate, callers per second. Another program may have caused the lateness. */
const LEAST = 2
/** Time without lateness and refusals after which a lower rate returns to the first one, ms. */
const FORGOTTEN_MS = 60_000

/**
 * Limits how many new callers are asked per second. Most of a caller's load comes some seconds after the arrival, when
 * the answer is stored and the recording is prepared. By the time the service is late, too many callers have already
 * been asked. So the rate starts at a value that any machine can handle, and rises with the load that the machine has
 * carried.
 */
class ArrivalRate {
  readonly #clock: Pick<Clock, 'elapsed'>
  readonly #first: number
  /** Callers per second. */
  #perSecond: number
  /** The last callers who were asked: when, ms, and how many per second were asked then. */
  #asked: { at: number; perSecond: number }[] = []
  /** How many may be asked now; a fraction is kept. */
  #free: number
  #filledAt: number
  #lateAt = Number.NEGATIVE_INFINITY
  #loweredAt = Number.NEGATIVE_INFINITY
  #refusedAt = Number.NEGATIVE_INFINITY

  /** @param first the first rate, callers per second */
  constructor(clock: Pick<Clock, 'elapsed'>, first: number) {
    this.#clock = clock
    this.#first = first
    this.#perSecond = first
    this.#free = BURST_S * first
    this.#filledAt = clock.elapsed()
  }

  /** Callers per second. */
  get perSecond(): number {
    this.#fill()
    return this.#perSecond
  }

  /** True if a caller was not asked because of the rate within the last `ms`. */
  refusedWithin(ms: number): boolean {
    return this.#clock.elapsed() - this.#refusedAt < ms
  }

  /** True if the next caller would exceed the rate. */
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
