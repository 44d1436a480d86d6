import { LEGS, type Leg, SAMPLE_RATE } from '../core/audio.js'
import type { Clock } from '../core/clock.js'

/** Longest time until all pieces of one block have come, ms. */
const BLOCK_PIECES_MS = 1_000
/**
 * Smallest reported loss, samples. Less may be a block that came early or late; a keeper loses blocks of 32,768
 * samples.
 */
const MIN_LOSS_SAMPLES = 8_000

interface LegCount {
  /**
   * When the tap began, or the last block before the keeper's death came, monotonic, ms. Undefined if neither is known.
   */
  lastBlockAt: number | undefined
  /**
   * Samples since the keeper's death that came or are known to be lost, and when the last block came; undefined if no
   * keeper died.
   */
  sinceDeath: { samples: number; lastBlockAt: number } | undefined
}

/**
 * Estimates how much of a tap was lost with a keeper that died. As long as either side is heard, Asterisk writes blocks
 * by the clock, so audio that was due and did not arrive is missing. If both sides were silent, Asterisk wrote nothing.
 * Therefore the estimate is an upper bound.
 */
export class KeeperLoss {
  readonly #clock: Clock
  readonly #report: (leg: Leg, samples: number) => void
  readonly #legs: Record<Leg, LegCount> = {
    caller: { lastBlockAt: undefined, sinceDeath: undefined },
    agent: { lastBlockAt: undefined, sinceDeath: undefined },
  }
  readonly #timers = new Map<Leg, () => void>()

  constructor(clock: Clock, report: (leg: Leg, samples: number) => void) {
    this.#clock = clock
    this.#report = report
  }

  /** The dialplan has the tap: from now on audio is due. */
  started(): void {
    for (const leg of LEGS) this.#legs[leg].lastBlockAt ??= this.#clock.elapsed()
  }

  /**
   * The keeper died. Another keeper may read on.
   *
   * @param known samples of each leg whose loss is known without an estimate
   */
  keeperDied(known: Readonly<Record<Leg, number>>): void {
    for (const leg of LEGS) {
      const count = this.#legs[leg]
      count.sinceDeath ??= { samples: 0, lastBlockAt: count.lastBlockAt ?? 0 }
      count.sinceDeath.samples += known[leg]
    }
  }

  block(leg: Leg, samples: number): void {
    const count = this.#legs[leg]
    const now = this.#clock.elapsed()
    if (!count.sinceDeath) {
      count.lastBlockAt = now
      return
    }
    count.sinceDeath = { samples: count.sinceDeath.samples + samples, lastBlockAt: now }
    if (!this.#timers.has(leg))
      this.#timers.set(
        leg,
        this.#clock.after(BLOCK_PIECES_MS, () => this.#estimate(leg)),
      )
  }

  /** Estimates at once. Call this when no more blocks will come. */
  estimateNow(): void {
    for (const [leg, cancel] of [...this.#timers]) {
      cancel()
      this.#estimate(leg)
    }
  }

  #estimate(leg: Leg): void {
    this.#timers.delete(leg)
    const { lastBlockAt, sinceDeath } = this.#legs[leg]
    if (!sinceDeath) return
    this.#legs[leg] = { lastBlockAt: sinceDeath.lastBlockAt, sinceDeath: undefined }
    const due = lastBlockAt === undefined ? 0 : ((sinceDeath.lastBlockAt - lastBlockAt) * SAMPLE_RATE) / 1_000
    const missing = Math.round(due - sinceDeath.samples)
    if (missing >= MIN_LOSS_SAMPLES) this.#report(leg, missing)
  }
}
