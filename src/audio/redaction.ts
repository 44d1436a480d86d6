import { type AudioBlock, LEGS, type Leg, SAMPLE_RATE } from '../core/audio.js'
import { type OmittedBy, omittedLegs } from '../core/party-events.js'

/** Margin that is cut at either end of a pause, ms. Speech takes up to this long through phone and PBX. */
const PAUSE_MARGIN_MS = 250
/**
 * Margin after a pause that an agent or a program ends, ms. It is shorter, because the order follows what was heard
 * last.
 */
const MARGIN_AFTER_ORDER_MS = 150

/**
 * Cuts the audio of one tap that is not kept: during pauses, on a side that is left out, and after the end of
 * recording.
 */
export class Redaction {
  readonly #spans: RedactedSpan[] = []
  /** When the next sample of each leg was spoken; undefined if another process received the block before it. */
  readonly #next: Record<Leg, Moment | undefined>
  #started = false

  /** @param from a moment before the first audio, ms since the epoch; undefined for a recovered tap */
  constructor(from: number | undefined) {
    const moment = from === undefined ? undefined : exact(from)
    this.#next = { caller: moment, agent: moment }
  }

  /** Sets a later moment before the first audio, ms since the epoch. Has no effect after the first block. */
  startsAt(moment: number): void {
    if (this.#started) return
    for (const leg of LEGS) this.#next[leg] = exact(moment)
  }

  /** The tap ended and began again at this moment. Asterisk wrote nothing in between, so that time is in no block. */
  beganAgain(moment: Moment): void {
    for (const leg of LEGS) {
      const next = this.#next[leg]
      if (next === undefined || next.latest <= moment.earliest) this.#next[leg] = moment
    }
  }

  get pausedSince(): number | undefined {
    return this.#currentPause?.from
  }

  get pausedBy(): OmittedBy | undefined {
    return this.#currentPause?.by
  }

  /** Whether nothing of a leg is kept now. */
  omits(leg: Leg): boolean {
    return this.#currentPause !== undefined && concerns(this.#currentPause, leg)
  }

  /** Whether nothing of a leg is kept from a moment on until now, ms since the epoch. */
  omitsSince(at: number, leg: Leg): boolean {
    let omittedTo = at
    for (const { from, until, ...span } of [...this.#spans].sort((a, b) => a.from - b.from)) {
      if (!concerns(span, leg) || from > omittedTo) continue
      if (until === undefined) return true
      omittedTo = Math.max(omittedTo, until)
    }
    return false
  }

  /**
   * Computes how long pauses, with their margins, leave out both legs within a time, ms, and the reason for most of it.
   *
   * @param from ms since the epoch
   * @param until ms since the epoch
   */
  omittedIn(from: number, until: number): { ms: number; by: OmittedBy | undefined } {
    const of = new Map<OmittedBy, number>()
    let [ms, omittedTo] = [0, from]
    for (const span of [...this.#spans].sort((a, b) => a.from - b.from)) {
      const { by, margin, marginAfter = margin } = span
      if (!by || !LEGS.every(leg => concerns(span, leg))) continue
      const begins = Math.max(omittedTo, span.from - margin)
      const ends = Math.min(until, span.until === undefined ? until : span.until + marginAfter)
      if (ends <= begins) continue
      ms += ends - begins
      omittedTo = ends
      of.set(by, (of.get(by) ?? 0) + ends - begins)
    }
    return { ms, by: [...of].sort(([, a], [, b]) => b - a)[0]?.[0] }
  }

  pause(at: number, by: OmittedBy): void {
    this.#spans.push({ from: at, by, margin: PAUSE_MARGIN_MS })
  }

  /**
   * Cuts the audio of a span that has ended.
   * @param from ms since the epoch
   * @param until ms since the epoch
   */
  leaveOut(from: number, until: number, by: OmittedBy): void {
    if (from < until) this.#spans.push({ from, until, by, margin: PAUSE_MARGIN_MS })
  }

  /** Ends the pause. @param by the cause of its end */
  resume(at: number, by: OmittedBy | 'timeout'): void {
    const pause = this.#currentPause
    if (!pause) return
    pause.until = at
    if (by === 'agent' || by === 'api') pause.marginAfter = MARGIN_AFTER_ORDER_MS
  }

  /** Cuts all audio after this moment, ms since the epoch. */
  keepNothingAfter(at: number): void {
    this.#spans.push({ from: at, margin: 0, until: Number.POSITIVE_INFINITY })
  }

  /** @returns the pieces that are kept of the next block of a leg */
  cut(block: AudioBlock): AudioBlock[] {
    const began = this.#next[block.leg]
    this.#next[block.leg] = exact(block.arrivedAt)
    this.#started = true
    const spans = this.#spans.filter(span => concerns(span, block.leg))
    return spans.length === 0 ? [block] : cutRedacted(block, began, spans)
  }

  /** @returns whether both legs have received audio up to this moment */
  hasPassed(at: number): boolean {
    return LEGS.every(leg => (this.#next[leg]?.earliest ?? Number.NEGATIVE_INFINITY) >= at)
  }

  /**
   * Estimates the position of a moment that no block has reached yet, as if neither side was silent.
   *
   * @param end position after the last block, samples
   * @returns samples
   */
  estimatePosition(leg: Leg, end: number, at: number): number {
    const next = this.#next[leg]?.latest ?? at
    return end + Math.max(0, Math.round(((at - next) * SAMPLE_RATE) / 1000))
  }

  get #currentPause(): RedactedSpan | undefined {
    return this.#spans.find(({ until }) => until === undefined)
  }
}

/** The tap is a-law, so a sample is a byte. */
const SAMPLES_PER_MS = SAMPLE_RATE / 1000

/** A moment that is known within these bounds, ms since the epoch. */
export interface Moment {
  earliest: number
  latest: number
}

const exact = (moment: number): Moment => ({ earliest: moment, latest: moment })

/** A span of time that is cut from the audio. Moments are ms since the epoch. */
export interface RedactedSpan {
  from: number
  /** Undefined as long as the span lasts. */
  until?: number | undefined
  /** Why it is cut; undefined for audio after the end of the recording. */
  by?: OmittedBy
  /** Time that is also cut at either end, ms, because speech takes time through the PBX. */
  margin: number
  /** The margin after the end, if it differs, ms. */
  marginAfter?: number
}

const concerns = ({ by }: Pick<RedactedSpan, 'by'>, leg: Leg): boolean =>
  by === undefined || omittedLegs(by).includes(leg)

/**
 * Cuts redacted spans from a block. Asterisk writes blocks of some seconds, and nothing while both sides are silent, so
 * the position of a moment is known only within bounds. Every sample that may belong to a span is cut.
 *
 * @param began when the first sample was spoken: when the block before it on the same leg arrived, or the tap began;
 *   undefined if unknown
 * @returns the remaining pieces in order, each with the arrival of its own last sample
 */
export function cutRedacted(
  block: AudioBlock,
  began: Moment | undefined,
  spans: readonly RedactedSpan[],
): AudioBlock[] {
  const end = block.sample + block.bytes.length
  let kept: [number, number][] = [[block.sample, end]]
  for (const span of spans) {
    const [from, to] = redactedSamples(block, end, began, span)
    if (from >= to) continue
    kept = kept.flatMap(([start, stop]): [number, number][] => [
      [start, Math.min(stop, from)],
      [Math.max(start, to), stop],
    ])
  }
  return kept.filter(([start, stop]) => start < stop).map(([start, stop]) => piece(block, start, stop))
}

/**
 * Finds the samples of a block that may belong to a span. The position of a moment is estimated from either end of the
 * block. The two estimates differ if both sides were silent (fewer samples than time), or if the PBX filled gaps before
 * late packets came (more samples than time). The wider range counts.
 *
 * @returns first sample, and the sample after the last
 */
function redactedSamples(
  { sample, arrivedAt }: AudioBlock,
  end: number,
  began: Moment | undefined,
  { from, until, margin, marginAfter = margin }: RedactedSpan,
): [number, number] {
  if (from > arrivedAt) return [end, end]
  // Without `began`, every sample of this block may belong to the span.
  if (began === undefined) return [sample, end]
  const fromEnd = (moment: number) => end - (arrivedAt - moment) * SAMPLES_PER_MS
  const fromStart = (moment: number, beginning: number) => sample + (moment - beginning) * SAMPLES_PER_MS
  const start = Math.min(fromStart(from, began.latest), fromEnd(from)) - margin * SAMPLES_PER_MS
  if (until === undefined || until > arrivedAt) return [Math.floor(start), end]
  const stop = Math.max(fromStart(until, began.earliest), fromEnd(until)) + marginAfter * SAMPLES_PER_MS
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
