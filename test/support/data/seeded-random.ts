import { createHash } from 'node:crypto'

/**
 * Whole numbers below a bound, the same ones for the same seed.
 *
 * @returns draws one, from 0 to `below` - 1
 */
export function seededRandom(seed: string): (below: number) => number {
  let drawn = 0
  return below => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE() % below
}
