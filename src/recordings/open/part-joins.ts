import type { Leg } from '../../core/audio.js'

/** Samples of one leg that are missing between a part and the next one. */
export interface MissingSpan {
  leg: Leg
  /** First missing sample, and first sample after the hole. */
  from: number
  to: number
  /** Number of the part that follows. */
  before: number
}

/**
 * Finds holes between the parts of a recording. A part of a killed service has no totals, but nothing is missing if the next
 * part begins at its end or earlier.
 */
export class PartJoins {
  readonly holes: MissingSpan[] = []
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }
  /** Legs without samples in this part so far. */
  readonly #legsToJoin = new Set<Leg>()
  #part: number | undefined

  /** The next samples belong to the part with this number. */
  beginPart(part: number): void {
    // The first part joins no part before it.
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
