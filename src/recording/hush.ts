import { type AudioBlock, SAMPLE_RATE } from '../shared/audio.js'

/** Samples of one ms; the tap is a-law, so a sample is a byte. */
const PER_MS = SAMPLE_RATE / 1000

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
  hushes: readonly RedactedSpan[],
): AudioBlock[] {
  const end = block.sample + block.bytes.length
  let spans: [number, number][] = [[block.sample, end]]
  for (const hush of hushes) {
    const [from, to] = within(block, end, before, hush)
    if (from >= to) continue
    spans = spans.flatMap(([start, stop]): [number, number][] => [
      [start, Math.min(stop, from)],
      [Math.max(start, to), stop],
    ])
  }
  return spans.filter(([start, stop]) => start < stop).map(([start, stop]) => piece(block, start, stop))
}

/**
 * The samples of a block that may have been taken in a hush: from, to. A moment is reckoned from either end of the block.
 * They differ where both sides were silent (fewer samples than time), or the PBX filled gaps before late packets came
 * (more samples than time); the wider span of the two counts.
 */
function within(
  { sample, arrivedAt }: AudioBlock,
  end: number,
  before: number | undefined,
  { from, until, margin }: RedactedSpan,
): [number, number] {
  if (from > arrivedAt) return [end, end]
  // Where the block before it arrived in another process, only the block as a whole is certain.
  if (before === undefined) return [sample, end]
  const fromEnd = (moment: number) => end - (arrivedAt - moment) * PER_MS
  const fromStart = (moment: number) => sample + (moment - before) * PER_MS
  const start = Math.min(fromStart(from), fromEnd(from)) - margin * PER_MS
  if (until === undefined || until > arrivedAt) return [Math.floor(start), end]
  const stop = Math.max(fromStart(until), fromEnd(until)) + margin * PER_MS
  return [Math.floor(start), Math.ceil(stop)]
}

function piece(block: AudioBlock, start: number, stop: number): AudioBlock {
  const { leg, sample, arrivedAt, bytes } = block
  const rest = sample + bytes.length - stop
  return {
    leg,
    sample: start,
    arrivedAt: Math.round(arrivedAt - rest / PER_MS),
    bytes: bytes.subarray(start - sample, stop - sample),
  }
}
