import { type AudioBlock, SAMPLE_RATE } from '../shared/audio.js'
import type { Span } from '../shared/sides.js'

/** A-law zero. Asterisk writes nothing else for a side that it silences. */
const SILENT = 0xd5
const SAMPLES_PER_MS = SAMPLE_RATE / 1_000
/** By so much the moment of a sample is known too late at most, ms: a sound up to then may be from before the watch. */
const LATE_MS = 500
/** Less is not missing, ms: people take a moment before they speak, and some phones send constant silence meanwhile. */
const LEAST_LOST_MS = 3_000
/** Where the next sample comes so much later than it should, something was left out in between, ms. */
const BREAK_MS = 500

/**
 * Finds out how much of one leg is missing: the time in which packets came of those who are heard there, and the samples were constant silence.
 * It measures from a moment on that it is told, until the next sound. What a pause leaves out is not missing.
 */
export class LegLoss {
  #watchedFrom: number | undefined
  #heard = true
  /** Constant silence in the time that was watched. */
  readonly #silent: Span[] = []
  /** When packets came. */
  readonly #came: Span[] = []
  /** Whether they come now. */
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

  /** The constant silence at the end of what has come; undefined if it ends with a sound. */
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

  /** Whether packets came during a time. They go on as they were. */
  packets(span: Span, came: boolean): void {
    this.#coming = came
    const last = this.#came.at(-1)
    if (!came) return
    if (last && last.to >= span.from) last.to = Math.max(last.to, span.to)
    else this.#came.push({ ...span })
  }

  /** Nobody counts packets any more. @param at ms since the epoch */
  left(at: number): void {
    const last = this.#came.at(-1)
    if (this.#coming && last) last.to = Math.max(last.to, at)
    this.#coming = false
  }

  /** @param ended whether no more samples come @returns how much is missing and was not told before, samples */
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
