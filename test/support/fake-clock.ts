import type { Clock } from '../../src/shared/clock.js'

/** A clock that is moved by hand. */
export class FakeClock implements Clock {
  #now: number
  #timers: { due: number; fn: () => void }[] = []

  constructor(now = 0) {
    this.#now = now
  }

  now = (): number => this.#now

  elapsed = (): number => this.#now

  after = (ms: number, fn: () => void): (() => void) => {
    const timer = { due: this.#now + ms, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Lets time pass. What is due happens in order, and so does what follows from it without waiting. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      const [next] = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
      if (!next) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.#now = next.due
      next.fn()
      await settled()
    }
    this.#now = end
  }
}

/** Everything that waits for nothing but its turn has happened. */
export const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
