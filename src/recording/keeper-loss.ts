import { LEGS, type Leg, SAMPLE_RATE } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'

/** A block may come in pieces; after so long all of them are there, ms. */
const BLOCK_PIECES_MS = 1_000
/** Less than this is not told from a block that came early or late, samples: what a keeper loses is a block of 32,768. */
const MIN_LOSS_SAMPLES = 8_000

interface LegCount {
  /** When the last block came of which the one before it is known, monotonic, ms; undefined before the first. */
  lastBlockAt: number | undefined
  /** Since a keeper died: samples that came or are known to be lost, and when the last came. Undefined if none died. */
  sinceDeath: { samples: number; lastBlockAt: number } | undefined
}

/**
 * How much of a tap a keeper took with it that died. Nobody was there to count, but Asterisk writes its blocks by the
 * clock as long as either side is heard: what was due between two blocks and did not come is missing, or, if both sides were
 * silent meanwhile, was never said. So it is what is missing at most.
 */
export class KeeperLoss {
  readonly #clock: Clock
  readonly #report: (leg: Leg, samples: number) => void
  readonly #legs: Record<Leg, LegCount> = {
    caller: { lastBlockAt: undefined, sinceDeath: undefined },
    agent: { lastBlockAt: undefined, sinceDeath: undefined },
  }
  readonly #timers = new Map<Leg, () => void>()

  constructor(clock: Clock, tell: (leg: Leg, samples: number) => void) {
    this.#clock = clock
    this.#report = tell
  }

  /** The keeper died, and another one reads on. @param known samples of each leg whose loss is known without counting */
  keeperDied(known: Readonly<Record<Leg, number>>): void {
    for (const name of LEGS) {
      const leg = this.#legs[name]
      leg.sinceDeath ??= { samples: 0, lastBlockAt: leg.lastBlockAt ?? 0 }
      leg.sinceDeath.samples += known[name]
    }
  }

  block(index: Leg, samples: number): void {
    const leg = this.#legs[index]
    const now = this.#clock.elapsed()
    if (!leg.sinceDeath) {
      leg.lastBlockAt = now
      return
    }
    leg.sinceDeath = { samples: leg.sinceDeath.samples + samples, lastBlockAt: now }
    if (!this.#timers.has(index))
      this.#timers.set(
        index,
        this.#clock.after(BLOCK_PIECES_MS, () => this.#count(index)),
      )
  }

  /** Nothing more will come: what came is counted at once. */
  countNow(): void {
    for (const [index, cancel] of [...this.#timers]) {
      cancel()
      this.#count(index)
    }
  }

  #count(index: Leg): void {
    this.#timers.delete(index)
    const { lastBlockAt: at, sinceDeath: since } = this.#legs[index]
    if (!since) return
    this.#legs[index] = { lastBlockAt: since.lastBlockAt, sinceDeath: undefined }
    const due = at === undefined ? 0 : ((since.lastBlockAt - at) * SAMPLE_RATE) / 1_000
    const missing = Math.round(due - since.samples)
    if (missing >= MIN_LOSS_SAMPLES) this.#report(index, missing)
  }
}
