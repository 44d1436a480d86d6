import { type AudioBlock, SAMPLE_RATE } from '../core/audio.js'
import type { Span } from '../core/sides.js'

/** A-law zero. Asterisk writes only this for a side that it silences. */
const SILENT = 0xd5
const SAMPLES_PER_MS = SAMPLE_RATE / 1_000
/** Worst-case delay between a sound and its timestamp, ms. A sound within this time may be from before the watch. */
const LATE_MS = 500
/**
 * Shorter silence is not a gap, ms. People take a moment before they speak, and some phones send constant silence
 * meanwhile.
 */
const LEAST_LOST_MS = 3_000
/** If the next sample comes this much later than it should, audio was left out in between, ms. */
const BREAK_MS = 500

/**
 * Measures the gap of one leg: the time in which packets came from the participants on it, but the samples were
 * constant silence. It measures from `watch` until the next sound. Audio that a pause leaves out is not a gap.
 */
export class LegLoss {
  #watchedFrom: number | undefined
  #heard = true
  /** Spans of constant silence during the watch. */
  readonly #silent: Span[] = []
  /** Spans in which packets came. */
  readonly #came: Span[] = []
  /** Whether packets come now. */
  #coming = false
  #told = 0
  /** The constant silence at the end. */
  #quiet: Span | undefined

  /** Begins to measure. @param at ms since the epoch */
  watch(at: number): void {
    this.#watchedFrom = at
    this.#heard = false
    this.#coming = false
  }

  /** The constant silence at the end of the received audio; undefined if it ends with a sound. */
  get quiet(): Readonly<Span> | undefined {
    return this.#quiet
  }

  /** The next samples that are kept. */
  samples({ bytes, arrivedAt }: AudioBlock): void {
    const moment = (index: number) => arrivedAt - (bytes.length - index) / SAMPLES_PER_MS
    let last = bytes.length
    while (last > 0 && bytes[last - 1] === SILENT) last -= 1
    this.#hear(moment(0), last > 0 ? moment(last) : undefined, arrivedAt)
    if (this.#watchedFrom === undefined || this.#heard) return
    if (last > 0 && moment(last) > this.#watchedFrom + LATE_MS) {
      this.#heard = true
      this.#addSilence(moment(0), moment(bytes.findIndex(one => one !== SILENT)))
    } else this.#addSilence(moment(last), arrivedAt)
  }

  /** How long the leg has been silent since the watch began, ms; `heard` if a sound came, or nothing is watched. */
  get silentMs(): number | 'heard' {
    const from = this.#watchedFrom
    if (from === undefined || this.#heard) return 'heard'
    return this.#silent.reduce((sum, span) => sum + overlap(span, { from, to: Infinity }), 0)
  }

  /** Reports whether packets came during a span. They are taken to continue in the same way after it. */
  packets(span: Span, came: boolean): void {
    this.#coming = came
    const last = this.#came.at(-1)
    if (!came) return
    if (last && last.to >= span.from) last.to = Math.max(last.to, span.to)
    else this.#came.push({ ...span })
  }

  /** Packets are no longer counted. @param at ms since the epoch */
  left(at: number): void {
    const last = this.#came.at(-1)
    if (this.#coming && last) last.to = Math.max(last.to, at)
    this.#coming = false
  }

  /**
   * @param ended whether no more samples come
   * @returns the gap that was not returned before, samples
   */
  take(ended = false): number {
    if (ended) this.left(Infinity)
    const ms = this.#silent.reduce(
      (sum, span) => sum + this.#came.reduce((all, came) => all + overlap(span, came), 0),
      0,
    )
    if (ms < LEAST_LOST_MS || ms <= this.#told) return 0
    const news = ms - this.#told
    this.#told = ms
    return Math.round(news * SAMPLES_PER_MS)
  }

  /** @param last the moment of the last sound; undefined without one */
  #hear(from: number, last: number | undefined, to: number): void {
    if (last === undefined && this.#quiet && from - this.#quiet.to < BREAK_MS) this.#quiet.to = to
    else if (last === undefined) this.#quiet = { from, to }
    else this.#quiet = last < to ? { from: last, to } : undefined
  }

  #addSilence(from: number, to: number): void {
    const since = Math.max(from, this.#watchedFrom ?? from, this.#silent.at(-1)?.to ?? from)
    if (to > since) this.#silent.push({ from: since, to })
  }
}

const overlap = (one: Span, other: Span): number =>
  Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from))
