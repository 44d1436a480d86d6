import type { Clock } from '../../../src/shared/clock.js'

interface Timer {
  at: number
  fn: () => void
}

/** A clock that stands until a test moves it; wall clock and monotonic clock may part. */
export class FakeClock implements Clock {
  #elapsed = 1_000
  #timers: Timer[] = []

  /** @param wall ms since the epoch */
  constructor(private wall = Date.UTC(2026, 0, 31, 9, 30)) {}

  now = (): number => this.wall

  elapsed = (): number => this.#elapsed

  after = (ms: number, fn: () => void): (() => void) => {
    const timer = { at: this.#elapsed + ms, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Time goes by, and whatever is due is done at its moment. */
  advance(ms: number): void {
    const end = this.#elapsed + ms
    for (let due = this.#next(end); due; due = this.#next(end)) this.#do(due)
    this.#move(end - this.#elapsed)
  }

  /**
   * The same; what follows from it without waiting for time has happened as well.
   * @param rest resolves once the world is at rest
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

  /** Time goes by and nothing is done meanwhile, as when a process stands still. */
  standStill(ms: number): void {
    this.#move(ms)
  }

  /** The wall clock is set. */
  moveWallClock(ms: number): void {
    this.wall += ms
  }

  /** Forgets every timer. */
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

/** Everything that waits for nothing but its turn has happened. */
export const runPendingWork = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
