// Fake: the clock.
import type { Clock } from '../../../src/core/clock.js'

interface Timer {
  at: number
  fn: () => void
}

/** A clock that moves only when a test moves it. Wall clock and monotonic clock can be moved apart. */
export class FakeClock implements Clock {
  #elapsed = 1_000
  #timers: Timer[] = []

  /** @param wall ms since the epoch */
  constructor(private wall = Date.UTC(2026, 0, 31, 9, 30)) {}

  /** Number of timers that are neither done nor cancelled. */
  get timers(): number {
    return this.#timers.length
  }

  now = (): number => this.wall

  elapsed = (): number => this.#elapsed

  after = (ms: number, fn: () => void): (() => void) => {
    const timer = { at: this.#elapsed + ms, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Advances both clocks and runs each timer at its time. @param ms */
  advance(ms: number): void {
    const end = this.#elapsed + ms
    for (let due = this.#next(end); due; due = this.#next(end)) this.#do(due)
    this.#move(end - this.#elapsed)
  }

  /**
   * Advances both clocks, and after each timer waits for the work that it started.
   *
   * @param ms
   * @param rest resolves when no work is pending
   */
  async advanceAndWait(ms: number, rest = runPendingWork): Promise<void> {
    const end = this.#elapsed + ms
    await rest()
    for (let due = this.#next(end); due; due = this.#next(end)) {
      this.#do(due)
      await rest()
    }
    this.#move(end - this.#elapsed)
  }

  /** Advances both clocks without running timers, as while a process stands still. @param ms */
  standStill(ms: number): void {
    this.#move(ms)
  }

  /** Moves the wall clock alone, as when an operator sets it. @param ms */
  moveWallClock(ms: number): void {
    this.wall += ms
  }

  /** Removes every timer. */
  clear(): void {
    this.#timers = []
  }

  #next(end: number) {
    let first: Timer | undefined
    for (const one of this.#timers) if (one.at <= end && one.at < (first?.at ?? Infinity)) first = one
    return first
  }

  #do(due: Timer): void {
    this.#timers = this.#timers.filter(other => other !== due)
    this.#move(due.at - this.#elapsed)
    due.fn()
  }

  #move(ms: number): void {
    const forwards = Math.max(0, ms)
    this.#elapsed += forwards
    this.wall += forwards
  }
}

/** Runs pending callbacks, except timers. */
export const runPendingWork = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
