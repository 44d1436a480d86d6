import { LEGS, type Leg, SAMPLE_RATE } from '../shared/audio.js'
import { LegLoss } from './leg-loss.js'
import type { TapLoss } from './tap-end.js'

/** What one tap lacks of its legs, see `LegLoss`. */
export class TapLosses {
  readonly caller = new LegLoss()
  readonly agent = new LegLoss()

  /** @param onLost gets what is missing of a leg, samples */
  constructor(private readonly onLost: (leg: Leg, samples: number) => void) {}

  /** What a leg lacks around a restart of the tap, samples. Of the time before, it is no more than the leg was silent. */
  around(leg: Leg, { ms, silencedMs }: TapLoss): number {
    const { from = 0, to = 0 } = this[leg].quiet ?? {}
    return Math.round(((ms + Math.min(silencedMs[leg], to - from)) * SAMPLE_RATE) / 1_000)
  }

  /** Reports what is missing and was not reported before. @param ended whether no more samples come */
  note(ended = false): void {
    for (const leg of LEGS) {
      const samples = this[leg].take(ended)
      if (samples > 0) this.onLost(leg, samples)
    }
  }
}
