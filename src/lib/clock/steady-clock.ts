import type { Clock } from '../../core/clock.js'
import type { ClockAnchor } from './clock-anchor.js'

/**
 * Largest step of the machine's clock that counts as a correction, ms. A larger one is a jump until the operator
 * confirms it. Retention is in days, so smaller steps do no harm.
 */
const JUMP_MS = 300_000
/** Rate at which a correction backwards is followed, as a share of the passing time. So the time never goes back. */
const BACKWARD_RATE = 0.1
/** Sum of corrections after which the anchor is written again, ms. */
const DRIFT_MS = 1_000

/** Called at the start and the end of a jump. */
export interface ClockListener {
  /**
   * @param byMs how far the machine's clock is off, ms; negative if it is slow
   * @param at the moment by the steady clock, ms since the epoch
   */
  jumped(byMs: number, at: number): void
  /** @param how `back`: the machine's clock is right again. `accepted`: the operator confirmed the new time. */
  settled(byMs: number, how: 'back' | 'accepted', at: number): void
}

/**
 * The machine's clock without its jumps. After a jump, time continues by the monotonic clock until the machine's clock
 * is right again, or the operator confirms it by removing the anchor. No recording is thus due on a wrong day. A small
 * step back is followed slowly. The moments of a call thus keep their order, and a pause cuts everything said after its
 * start.
 */
export class SteadyClock implements Clock {
  readonly #machine: Clock
  readonly #anchor: ClockAnchor
  readonly #listener: ClockListener
  /** The right time at the zero of the monotonic clock, ms since the epoch. */
  #zero: number
  /** How far the machine's clock is off, ms; 0 while it is trusted. */
  #off = 0
  /** How far the machine's clock was off in its last jump, ms. Timestamps of that time may arrive later. */
  #lastOff = 0
  /** When the machine's clock was last followed, monotonic, ms. */
  #followedAt: number
  /** The zero that the anchor holds, ms since the epoch. */
  #anchored = Number.NEGATIVE_INFINITY

  constructor(machine: Clock, anchor: ClockAnchor, listener: ClockListener) {
    this.#machine = machine
    this.#anchor = anchor
    this.#listener = listener
    this.#zero = anchor.read() ?? this.#machineZero()
    this.#followedAt = machine.elapsed()
    this.#compare()
  }

  /** True if the machine's clock is right. */
  get trusted(): boolean {
    this.#compare()
    return this.#off === 0
  }

  /** How far the machine's clock is off, ms; 0 while it is trusted. */
  get offMs(): number {
    return this.#off
  }

  now(): number {
    this.#compare()
    return this.#steady
  }

  elapsed(): number {
    return this.#machine.elapsed()
  }

  after(ms: number, fn: () => void): () => void {
    return this.#machine.after(ms, fn)
  }

  /**
   * Converts a moment that another process of this machine has just read from the machine's clock.
   *
   * @param at ms since the epoch, by the machine's clock
   * @returns ms since the epoch, by this clock
   */
  readonly stamp = (at: number): number => {
    const now = this.now()
    const behind = this.#machineZero() - this.#zero
    const readings = [at, at - behind, at - this.#off, at - this.#lastOff]
    return readings.reduce((best, one) => (Math.abs(one - now) < Math.abs(best - now) ? one : best))
  }

  /** Accepts the time of the machine's clock if the operator has removed the anchor. Must be called each second. */
  acceptIfConfirmed(): void {
    if (this.#off === 0 || !this.#anchor.removed) return
    this.#endJump('accepted')
    this.#zero = this.#machineZero()
    this.#anchor.write(this.#zero)
  }

  /** Compares the machine's clock with the monotonic clock. */
  #compare(): void {
    const zero = this.#machineZero()
    const off = zero - this.#zero
    if (Math.abs(off) <= JUMP_MS) {
      if (this.#off !== 0) this.#endJump('back')
      this.#follow(zero)
      return
    }
    const trusted = this.#off === 0
    this.#off = off
    this.#lastOff = off
    if (trusted) this.#listener.jumped(Math.round(off), this.#steady)
  }

  #endJump(how: 'back' | 'accepted'): void {
    const off = Math.round(this.#off)
    this.#off = 0
    this.#listener.settled(off, how, this.#steady)
  }

  #follow(zero: number): void {
    const now = this.#machine.elapsed()
    this.#zero = Math.max(zero, this.#zero - (now - this.#followedAt) * BACKWARD_RATE)
    this.#followedAt = now
    if (Math.abs(this.#zero - this.#anchored) < DRIFT_MS) return
    this.#anchored = this.#zero
    this.#anchor.write(this.#zero)
  }

  get #steady(): number {
    return Math.round(this.#zero + this.#machine.elapsed())
  }

  #machineZero(): number {
    return this.#machine.now() - this.#machine.elapsed()
  }
}

/**
 * Difference between the machine's clock and the anchor that a service wrote. Commands use it, because they do not run
 * long enough to see a jump.
 *
 * @returns ms; 0 if both agree, or if no service has run since the machine started
 */
export const clockOffMs = (machine: Clock, anchor: ClockAnchor): number => offMs(machine, anchor.read())

/**
 * How far the machine's clock is off, ms; 0 if it is right or unknown.
 *
 * @param zero the time that the anchor holds
 */
export function offMs(machine: Clock, zero: number | undefined): number {
  const off = zero === undefined ? 0 : machine.now() - machine.elapsed() - zero
  return Math.abs(off) <= JUMP_MS ? 0 : off
}
