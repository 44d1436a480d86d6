import type { LegIndex } from '../keeper/protocol.js'
import { SAMPLE_RATE } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'

/** A block may come in pieces; after so long all of them are there, ms. */
const WHOLE_MS = 1_000
/** Less than this is not told from a block that came early or late, samples: what a keeper loses is a block of 32,768. */
const LEAST = 8_000

interface Leg {
  /** When the tap began, or the last block came of which the one before it is known, monotonic, ms. Undefined if neither is known. */
  at: number | undefined
  /** Since a keeper died: samples that came or are known to be lost, and when the last came. Undefined if none died. */
  since: { came: number; at: number } | undefined
}

/**
 * How much of a tap a keeper took with it that died. Nobody was there to count, but Asterisk writes its blocks by the
 * clock as long as either side is heard: what was due between two blocks and did not come is missing, or, if both sides were
 * silent meanwhile, was never said. So it is what is missing at most.
 */
export class LostCount {
  readonly #clock: Clock
  readonly #tell: (leg: LegIndex, samples: number) => void
  readonly #legs: [Leg, Leg] = [
    { at: undefined, since: undefined },
    { at: undefined, since: undefined },
  ]
  readonly #timers = new Map<LegIndex, () => void>()

  constructor(clock: Clock, tell: (leg: LegIndex, samples: number) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** The dialplan has the tap: from now on audio is due. */
  started(): void {
    for (const leg of this.#legs) leg.at ??= this.#clock.elapsed()
  }

  /** The keeper died, and another one reads on. @param known samples of each leg whose loss is known without counting */
  interrupted(known: readonly [number, number]): void {
    for (const [index, leg] of this.#legs.entries()) {
      leg.since ??= { came: 0, at: leg.at ?? 0 }
      leg.since.came += known[index]!
    }
  }

  block(index: LegIndex, samples: number): void {
    const leg = this.#legs[index]
    const now = this.#clock.elapsed()
    if (!leg.since) {
      leg.at = now
      return
    }
    leg.since = { came: leg.since.came + samples, at: now }
    if (!this.#timers.has(index))
      this.#timers.set(
        index,
        this.#clock.after(WHOLE_MS, () => this.#count(index)),
      )
  }

  /** Nothing more will come: what came is counted at once. */
  conclude(): void {
    for (const [index, cancel] of [...this.#timers]) {
      cancel()
      this.#count(index)
    }
  }

  #count(index: LegIndex): void {
    this.#timers.delete(index)
    const { at, since } = this.#legs[index]
    if (!since) return
    this.#legs[index] = { at: since.at, since: undefined }
    const due = at === undefined ? 0 : ((since.at - at) * SAMPLE_RATE) / 1_000
    const missing = Math.round(due - since.came)
    if (missing >= LEAST) this.#tell(index, missing)
  }
}
