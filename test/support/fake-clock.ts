import type { Clock } from '../../src/shared/clock.js'

/** A clock that stands until a test moves it; wall clock and monotonic clock may part. */
export class FakeClock implements Clock {
  #elapsed = 1_000
  #timers: { at: number; fn: () => void }[] = []

  /** @param wall ms since the epoch */
  constructor(private wall = Date.UTC(2026, 0, 31, 9, 30)) {}

  now(): number {
    return this.wall
  }

  elapsed(): number {
    return this.#elapsed
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#elapsed + ms, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Time goes by, and whatever is due is done at its moment. */
  pass(ms: number): void {
    const end = this.#elapsed + ms
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      this.#move((due?.at ?? end) - this.#elapsed)
      if (!due) return
      this.#timers = this.#timers.filter(other => other !== due)
      due.fn()
    }
  }

  /** Time goes by and nothing is done meanwhile, as when a process stands still. */
  stand(ms: number): void {
    this.#move(ms)
  }

  /** The wall clock is set. */
  jump(ms: number): void {
    this.wall += ms
  }

  #move(ms: number): void {
    const forwards = Math.max(0, ms)
    this.#elapsed += forwards
    this.wall += forwards
  }
}
