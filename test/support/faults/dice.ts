/** Numbers that look like chance and are always the same for a seed. */
export class Dice {
  #state: number

  constructor(seed: number) {
    // The generator must not begin at zero, and neighbouring seeds must not begin alike.
    this.#state = ((Math.abs(Math.trunc(seed)) * 2_654_435_761 + 12_345) % 2_147_483_646) + 1
    for (let i = 0; i < 4; i++) this.next()
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    // Park and Miller: repeatable everywhere, and good enough to scatter faults.
    this.#state = (this.#state * 48_271) % 2_147_483_647
    return (this.#state - 1) / 2_147_483_646
  }

  /** A whole number within both bounds. */
  within(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }

  /** One of them, the more often the greater its weight. */
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
