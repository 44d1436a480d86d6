import { type Leg, SAMPLE_RATE } from '../shared/audio.js'

/**
 * Finds where the blocks of later parts belong. After a restart of the service the tap runs on, and the next
 * part's positions go on counting with it. Should a part count afresh (another tap), it is placed by its start
 * time, and in no case over what earlier parts hold.
 */
export class PartPlacer {
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }
  #firstStart: number | undefined
  #start = 0
  /** What is added to the positions of the part at hand; unknown before its first block. */
  #shift: number | undefined

  /** @param startedAt the part's start time, ms since the epoch */
  begin(startedAt: number): void {
    this.#firstStart ??= startedAt
    this.#start = startedAt
    this.#shift = undefined
  }

  /** The place of a block in the recording, in samples. */
  place(leg: Leg, sample: number, length: number): number {
    this.#shift ??= this.#shiftOf(leg, sample)
    const placed = sample + this.#shift
    this.#ends[leg] = Math.max(this.#ends[leg], placed + length)
    return placed
  }

  #shiftOf(leg: Leg, sample: number): number {
    const longest = Math.max(this.#ends.caller, this.#ends.agent)
    const countsOn = sample >= this.#ends[leg] && (sample > 0 || longest === 0)
    if (countsOn) return 0
    const byClock = Math.round(((this.#start - this.#firstStart!) * SAMPLE_RATE) / 1000)
    return Math.max(byClock, longest)
  }
}
