import type { Clock } from '../shared/clock.js'
import type { ClockAnchor } from './clock-anchor.js'

/**
 * A step of the machine's clock beyond this is no correction but a mistake until somebody says otherwise, ms. Terms are of
 * days: what is smaller cannot bring one forward.
 */
const JUMP_MS = 300_000
/** The anchor is written anew when the clock was corrected by this much, ms. */
const DRIFT_MS = 1_000

export interface JumpSink {
  /**
   * @param byMs how far the machine's clock is off, forwards or back
   * @param at as time goes on, ms since the epoch
   */
  jumped(byMs: number, at: number): void
  settled(byMs: number, how: 'back' | 'accepted', at: number): void
}

/**
 * The machine's clock, but for its jumps: when it jumps, time goes on by the monotonic clock as if it had not, until it is
 * back or the operator says that it is right (by removing the anchor). So nothing falls due by a wrong day, and no moment
 * of a call is on the wrong side of a pause.
 */
export class SteadyClock implements Clock {
  readonly #machine: Clock
  readonly #anchor: ClockAnchor
  readonly #sink: JumpSink
  /** What the machine's clock should say at the monotonic clock's zero, ms since the epoch. */
  #zero: number
  /** How far the machine's clock is off; 0 while it is trusted. */
  #off = 0
  /** The last time it was off, by how much: stamps of that time may still come. */
  #wasOff = 0
  /** What the anchor says. */
  #anchored = Number.NEGATIVE_INFINITY

  constructor(machine: Clock, anchor: ClockAnchor, sink: JumpSink) {
    this.#machine = machine
    this.#anchor = anchor
    this.#sink = sink
    this.#zero = anchor.read() ?? this.#machineZero()
    this.#look()
  }

  /** Whether the machine's clock says what it should. */
  get trusted(): boolean {
    this.#look()
    return this.#off === 0
  }

  /** How far the machine's clock is off, ms; 0 while it is trusted. */
  get offMs(): number {
    return this.#off
  }

  now(): number {
    this.#look()
    return this.#steady
  }

  elapsed(): number {
    return this.#machine.elapsed()
  }

  after(ms: number, fn: () => void): () => void {
    return this.#machine.after(ms, fn)
  }

  /**
   * A moment that another process of this machine read from its clock just now, as ours would have told it; ms since the
   * epoch.
   */
  stamp(at: number): number {
    const now = this.now()
    const readings = [at, at - this.#off, at - this.#wasOff]
    return readings.reduce((best, one) => (Math.abs(one - now) < Math.abs(best - now) ? one : best))
  }

  /** Takes what the machine's clock says as right, if the operator has taken the anchor away. To be called each second. */
  acceptIfTold(): void {
    if (this.#off === 0 || !this.#anchor.removed) return
    this.#settle('accepted')
    this.#zero = this.#machineZero()
    this.#anchor.write(this.#zero)
  }

  /** Holds the machine's clock against the monotonic one. */
  #look(): void {
    const zero = this.#machineZero()
    const off = zero - this.#zero
    if (Math.abs(off) <= JUMP_MS) {
      if (this.#off !== 0) this.#settle('back')
      this.#follow(zero)
      return
    }
    const trusted = this.#off === 0
    this.#off = off
    this.#wasOff = off
    if (trusted) this.#sink.jumped(Math.round(off), this.#steady)
  }

  #settle(how: 'back' | 'accepted'): void {
    const off = Math.round(this.#off)
    this.#off = 0
    this.#sink.settled(off, how, this.#steady)
  }

  #follow(zero: number): void {
    this.#zero = zero
    if (Math.abs(zero - this.#anchored) < DRIFT_MS) return
    this.#anchored = zero
    this.#anchor.write(zero)
  }

  get #steady(): number {
    return Math.round(this.#zero + this.#machine.elapsed())
  }

  #machineZero(): number {
    return this.#machine.now() - this.#machine.elapsed()
  }
}

/**
 * How far the machine's clock is from the anchor that a service of this machine wrote. A command uses it, for it does not run
 * long enough to see the clock jump.
 *
 * @returns ms; 0 where it agrees, or where no service has run since the machine was started
 */
export function clockOffMs(machine: Clock, anchor: ClockAnchor): number {
  const zero = anchor.read()
  const off = zero === undefined ? 0 : machine.now() - machine.elapsed() - zero
  return Math.abs(off) <= JUMP_MS ? 0 : off
}
