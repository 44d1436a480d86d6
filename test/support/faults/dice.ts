/** Repeatable random numbers. */
export class Dice {
  #state: number

  constructor(seed: number) {
    // The state must not be zero, and neighbouring seeds must give different sequences.
    this.#state = ((Math.abs(Math.trunc(seed)) * 2_654_435_761 + 12_345) % 2_147_483_646) + 1
    for (let i = 0; i < 4; i++) this.next()
  }

  /** @returns 0 ≤ number < 1 */
  next(): number {
    // Park and Miller's generator.
    this.#state = (this.#state * 48_271) % 2_147_483_647
    return (this.#state - 1) / 2_147_483_646
  }

  /** @returns a whole number, both bounds included */
  within(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }

  /** @returns one element, with a probability proportional to its weight */
  weighed<T extends { weight: number }>(list: readonly T[]): T {
    let left = this.next() * list.reduce((sum, { weight }) => sum + weight, 0)
    for (const one of list) {
      left -= one.weight
      if (left < 0) return one
    }
    return list.at(-1)!
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.within(0, 255)))
  }
}
