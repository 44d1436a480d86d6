import { createHash } from 'node:crypto'

/**
 * Repeatable random numbers.
 *
 * @returns draws a whole number from 0 to `below` - 1
 */
export function seededRandom(seed: string): (below: number) => number {
  let drawn = 0
  return below => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE() % below
}
