import type { Leg } from '../shared/audio.js'

/** Samples of one leg that stand neither in a part nor in the next one. */
export interface MissingSpan {
  leg: Leg
  /** First sample that is missing, and first that is there again. */
  from: number
  to: number
  /** Number of the part that follows. */
  before: number
}

/**
 * Follows a recording through its parts and finds where they do not join. A part that a killed service left has no
 * totals, and yet nothing is missing if the next one begins where it ends, or earlier.
 */
export class PartJoins {
  readonly holes: MissingSpan[] = []
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }
  /** Legs of which this part has given nothing yet. */
  readonly #legsToJoin = new Set<Leg>()
  #part: number | undefined

  /** What follows is of the part with this number. */
  beginPart(part: number): void {
    // What the first one lacks at its start was never there.
    for (const leg of ['caller', 'agent'] as const) if (this.#part !== undefined) this.#legsToJoin.add(leg)
    this.#part = part
  }

  addSamples(leg: Leg, sample: number, length: number): void {
    const from = this.#ends[leg]
    if (this.#legsToJoin.delete(leg) && sample > from)
      this.holes.push({ leg, from, to: sample, before: this.#part! })
    this.#ends[leg] = Math.max(from, sample + length)
  }
}
