import { type AudioBlock, LEGS, type Leg, SAMPLE_RATE } from '../shared/audio.js'

/** What was said close to a pause may take its way through phone and PBX: so much is left out at either end, ms. */
const PAUSE_MARGIN_MS = 250

/** What of one tap is not kept: while it is paused, and after its end. */
export class Redaction {
  readonly #spans: RedactedSpan[] = []
  /** When the last block of each leg arrived, ms since the epoch; undefined where that was heard by another process. */
  readonly #lastArrivedAt: Record<Leg, number | undefined>
  #started = false

  /** @param from when nothing had been said yet, ms since the epoch; undefined for a tap that has run before */
  constructor(from: number | undefined) {
    this.#lastArrivedAt = { caller: from, agent: from }
  }

  /** The tap starts at this moment or later, ms since the epoch. */
  startsAt(moment: number): void {
    if (this.#started) return
    for (const leg of LEGS) this.#lastArrivedAt[leg] = moment
  }

  get pausedSince(): number | undefined {
    return this.#pause?.from
  }

  pause(at: number): void {
    this.#spans.push({ from: at, margin: PAUSE_MARGIN_MS })
  }

  resume(at: number): void {
    if (this.#pause) this.#pause.until = at
  }

  /** Nothing said later is kept. */
  keepNothingAfter(at: number): void {
    this.#spans.push({ from: at, margin: 0, until: Number.POSITIVE_INFINITY })
  }

  /** What is kept of the next block of a leg. */
  cut(block: AudioBlock): AudioBlock[] {
    const before = this.#lastArrivedAt[block.leg]
    this.#lastArrivedAt[block.leg] = block.arrivedAt
    this.#started = true
    return this.#spans.length === 0 ? [block] : cutRedacted(block, before, this.#spans)
  }

  /** Whether both legs have come past a moment. */
  hasPassed(at: number): boolean {
    return LEGS.every(leg => (this.#lastArrivedAt[leg] ?? Number.NEGATIVE_INFINITY) >= at)
  }

  /** Where on a leg a moment is that no block has reached yet, if both sides were not silent; in samples. */
  estimatePosition(leg: Leg, end: number, at: number): number {
    const arrived = this.#lastArrivedAt[leg] ?? at
    return end + Math.max(0, Math.round(((at - arrived) * SAMPLE_RATE) / 1000))
  }

  get #pause(): RedactedSpan | undefined {
    return this.#spans.find(({ until }) => until === undefined)
  }
}

/** Samples of one ms; the tap is a-law, so a sample is a byte. */
const SAMPLES_PER_MS = SAMPLE_RATE / 1000

/** A span of time of which nothing is kept. Times are ms since the epoch. */
export interface RedactedSpan {
  from: number
  /** Undefined as long as it lasts. */
  until?: number | undefined
  /** How much more is left out at either end, ms: what was said in time may take its way through the PBX. */
  margin: number
}

/**
 * What is kept of a block. Asterisk hands audio over in blocks of some seconds and writes nothing while both sides are
 * silent, so that a moment is found in them only within bounds; whatever might have been said in a hush is left out.
 *
 * @param before when the block before it on the same leg arrived, ms since the epoch; undefined if that is not known
 * @returns pieces in order, each with the arrival of its own last sample
 */
export function cutRedacted(
  block: AudioBlock,
  before: number | undefined,
  spans: readonly RedactedSpan[],
): AudioBlock[] {
  const end = block.sample + block.bytes.length
  let kept: [number, number][] = [[block.sample, end]]
  for (const span of spans) {
    const [from, to] = redactedSamples(block, end, before, span)
    if (from >= to) continue
    kept = kept.flatMap(([start, stop]): [number, number][] => [
      [start, Math.min(stop, from)],
      [Math.max(start, to), stop],
    ])
  }
  return kept.filter(([start, stop]) => start < stop).map(([start, stop]) => piece(block, start, stop))
}

/**
 * The samples of a block that may have been taken in a hush: from, to. A moment is reckoned from either end of the block.
 * They differ where both sides were silent (fewer samples than time), or the PBX filled gaps before late packets came
 * (more samples than time); the wider span of the two counts.
 */
function redactedSamples(
  { sample, arrivedAt }: AudioBlock,
  end: number,
  before: number | undefined,
  { from, until, margin }: RedactedSpan,
): [number, number] {
  if (from > arrivedAt) return [end, end]
  // Where the block before it arrived in another process, only the block as a whole is certain.
  if (before === undefined) return [sample, end]
  const fromEnd = (moment: number) => end - (arrivedAt - moment) * SAMPLES_PER_MS
  const fromStart = (moment: number) => sample + (moment - before) * SAMPLES_PER_MS
  const start = Math.min(fromStart(from), fromEnd(from)) - margin * SAMPLES_PER_MS
  if (until === undefined || until > arrivedAt) return [Math.floor(start), end]
  const stop = Math.max(fromStart(until), fromEnd(until)) + margin * SAMPLES_PER_MS
  return [Math.floor(start), Math.ceil(stop)]
}

function piece(block: AudioBlock, start: number, stop: number): AudioBlock {
  const { leg, sample, arrivedAt, bytes } = block
  const rest = sample + bytes.length - stop
  return {
    leg,
    sample: start,
    arrivedAt: Math.round(arrivedAt - rest / SAMPLES_PER_MS),
    bytes: bytes.subarray(start - sample, stop - sample),
  }
}
