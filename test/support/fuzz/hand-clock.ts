import type { Clock } from '../../../src/shared/clock.js'

/** A clock that is moved by hand. */
export class HandClock implements Clock {
  #now: number
  readonly #startedAt: number
  readonly #timers = new Map<object, { due: number; fn: () => void }>()

  /** @param now ms since the epoch */
  constructor(now: number) {
    this.#now = now
    this.#startedAt = now
  }

  now = () => this.#now
  elapsed = () => this.#now - this.#startedAt

  after = (ms: number, fn: () => void): (() => void) => {
    const timer = {}
    this.#timers.set(timer, { due: this.#now + ms, fn })
    return () => void this.#timers.delete(timer)
  }

  /** Lets time go by; `settled` is awaited before and after each timer, so that each finds the world at rest. */
  async pass(ms: number, settled: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      const [timer, { due, fn }] = next
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, due)
      fn()
      await settled()
    }
    this.#now = end
  }

  /** Forgets every timer. */
  clear(): void {
    this.#timers.clear()
  }

  #next(end: number) {
    let first: [object, { due: number; fn: () => void }] | undefined
    for (const one of this.#timers)
      if (one[1].due <= end && one[1].due < (first?.[1].due ?? Infinity)) first = one
    return first
  }
}
