import { LEGS, type Leg, SAMPLE_RATE } from '../core/audio.js'
import { LegLoss } from './leg-loss.js'
import type { TapLoss } from './tap-end.js'

/** The gaps of the legs of one tap, see `LegLoss`. */
export class TapLosses {
  readonly caller = new LegLoss()
  readonly agent = new LegLoss()

  /**
   * @param onLost gets a gap of a leg, samples
   */
  constructor(private readonly onLost: (leg: Leg, samples: number) => void) {}

  /** Gap of a leg around a restart of the tap, samples. Before the stop, it is no longer than the leg was silent. */
  around(leg: Leg, { ms, silencedMs }: TapLoss): number {
    const { from = 0, to = 0 } = this[leg].quiet ?? {}
    return Math.round(((ms + Math.min(silencedMs[leg], to - from)) * SAMPLE_RATE) / 1_000)
  }

  /** Reports gaps that were not reported before. @param ended whether no more samples come */
  note(ended = false): void {
    for (const leg of LEGS) {
      const samples = this[leg].take(ended)
      if (samples > 0) this.onLost(leg, samples)
    }
  }
}
