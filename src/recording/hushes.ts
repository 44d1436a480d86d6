import { type AudioBlock, LEGS, type Leg, SAMPLE_RATE } from '../shared/audio.js'
import { cutRedacted, type RedactedSpan } from './hush.js'

/** What was said close to a pause may take its way through phone and PBX: so much is left out at either end, ms. */
const PAUSE_MARGIN_MS = 250

/** What of one tap is not kept: while it is paused, and after its end. */
export class Redaction {
  readonly #all: RedactedSpan[] = []
  /** When the last block of each leg arrived, ms since the epoch; undefined where that was heard by another process. */
  readonly #arrived: Record<Leg, number | undefined>
  #started = false

  /** @param from when nothing had been said yet, ms since the epoch; undefined for a tap that has run before */
  constructor(from: number | undefined) {
    this.#arrived = { caller: from, agent: from }
  }

  /** The tap starts at this moment or later, ms since the epoch. */
  startsAt(moment: number): void {
    if (this.#started) return
    for (const leg of LEGS) this.#arrived[leg] = moment
  }

  get pausedSince(): number | undefined {
    return this.#pause?.from
  }

  pause(at: number): void {
    this.#all.push({ from: at, margin: PAUSE_MARGIN_MS })
  }

  resume(at: number): void {
    if (this.#pause) this.#pause.until = at
  }

  /** Nothing said later is kept. */
  end(at: number): void {
    this.#all.push({ from: at, margin: 0, until: Number.POSITIVE_INFINITY })
  }

  /** What is kept of the next block of a leg. */
  take(block: AudioBlock): AudioBlock[] {
    const before = this.#arrived[block.leg]
    this.#arrived[block.leg] = block.arrivedAt
    this.#started = true
    return this.#all.length === 0 ? [block] : cutRedacted(block, before, this.#all)
  }

  /** Whether both legs have come past a moment. */
  passed(at: number): boolean {
    return LEGS.every(leg => (this.#arrived[leg] ?? Number.NEGATIVE_INFINITY) >= at)
  }

  /** Where on a leg a moment is that no block has reached yet, if both sides were not silent; in samples. */
  reckon(leg: Leg, end: number, at: number): number {
    const arrived = this.#arrived[leg] ?? at
    return end + Math.max(0, Math.round(((at - arrived) * SAMPLE_RATE) / 1000))
  }

  get #pause(): RedactedSpan | undefined {
    return this.#all.find(({ until }) => until === undefined)
  }
}
