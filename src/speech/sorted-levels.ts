/**
 * Levels in ascending order. Adding or removing a level moves the others by one place, which costs far less than
 * sorting them.
 */
export class SortedLevels {
  private readonly values: Float64Array
  private count = 0

  /** @param most greatest number of levels at a time */
  constructor(most: number) {
    this.values = new Float64Array(most)
  }

  add(level: number): void {
    const at = this.placeOf(level)
    this.values.copyWithin(at + 1, at, this.count)
    this.values[at] = level
    this.count++
  }

  /** @param level one that was added, and not removed since */
  remove(level: number): void {
    const at = this.placeOf(level)
    this.values.copyWithin(at, at + 1, this.count)
    this.count--
  }

  /** The level that this share of the levels does not exceed. Requires at least one level. @param share below 1 */
  quantile(share: number): number {
    return this.values[Math.floor(share * this.count)]!
  }

  /** Index of the first level that is not below this one. */
  private placeOf(level: number): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.values[middle]! < level) low = middle + 1
      else high = middle
    }
    return low
  }
}
