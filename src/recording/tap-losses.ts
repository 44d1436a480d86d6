import { LEGS, type Leg } from '../shared/audio.js'
import { LegLoss } from './leg-loss.js'

/** What one tap lacks of its legs, see `LegLoss`. */
export class TapLosses {
  readonly caller = new LegLoss()
  readonly agent = new LegLoss()

  /** @param onLost gets what is missing of a leg, samples */
  constructor(private readonly onLost: (leg: Leg, samples: number) => void) {}

  /** Reports what is missing and was not reported before. @param ended whether no more samples come */
  note(ended = false): void {
    for (const leg of LEGS) {
      const samples = this[leg].take(ended)
      if (samples > 0) this.onLost(leg, samples)
    }
  }
}
