import { LEGS, type Leg, SAMPLE_RATE } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'

/** A block may come in pieces; after so long all of them are there, ms. */
const WHOLE_MS = 1_000
/** Less than this is not told from a block that came early or late, samples: what a keeper loses is a block of 32,768. */
const LEAST = 8_000

interface LegCount {
  /** When the last block came of which the one before it is known, monotonic, ms; undefined before the first. */
  at: number | undefined
  /** Since a keeper died: samples that came or are known to be lost, and when the last came. Undefined if none died. */
  since: { came: number; at: number } | undefined
}

/**
 * How much of a tap a keeper took with it that died. Nobody was there to count, but Asterisk writes its blocks by the
 * clock as long as either side is heard: what was due between two blocks and did not come is missing, or, if both sides were
 * silent meanwhile, was never said. So it is what is missing at most.
 */
export class KeeperLoss {
  readonly #clock: Clock
  readonly #tell: (leg: Leg, samples: number) => void
  readonly #legs: Record<Leg, LegCount> = {
    caller: { at: undefined, since: undefined },
    agent: { at: undefined, since: undefined },
  }
  readonly #timers = new Map<Leg, () => void>()

  constructor(clock: Clock, tell: (leg: Leg, samples: number) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** The keeper died, and another one reads on. @param known samples of each leg whose loss is known without counting */
  keeperDied(known: Readonly<Record<Leg, number>>): void {
    for (const name of LEGS) {
      const leg = this.#legs[name]
      leg.since ??= { came: 0, at: leg.at ?? 0 }
      leg.since.came += known[name]
    }
  }

  block(index: Leg, samples: number): void {
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

  #count(index: Leg): void {
    this.#timers.delete(index)
    const { at, since } = this.#legs[index]
    if (!since) return
    this.#legs[index] = { at: since.at, since: undefined }
    const due = at === undefined ? 0 : ((since.at - at) * SAMPLE_RATE) / 1_000
    const missing = Math.round(due - since.came)
    if (missing >= LEAST) this.#tell(index, missing)
  }
}
