import { LEGS, type Leg, SAMPLE_RATE } from '../core/audio.js'
import type { MissingAudio } from '../core/missing-audio.js'
import type { Redaction } from './redaction.js'

/** Least share of the time without pauses that a recording must contain. */
const LEAST_SHARE = 0.95
/**
 * How much may be missing of any recording, ms: the time until the dialplan has started the tap, audio that Asterisk
 * had not written when the call ended, and audio that is cut beyond the margins of pauses because positions are known
 * only within bounds.
 */
const TOLERANCE_MS = 2_000

/** Counts how much of one recording is kept, in samples, and its known gaps. */
export class KeptAudio {
  /** Position after the last sample of each leg that is kept. */
  readonly #ends: Record<Leg, number>
  readonly #samples: Record<Leg, number> = { caller: 0, agent: 0 }
  /** Samples of known gaps, by reason. */
  readonly #gaps: Record<Leg, Map<string, number>> = { caller: new Map(), agent: new Map() }

  /** @param from first sample of each leg */
  constructor(from: Readonly<Record<Leg, number>>) {
    this.#ends = { ...from }
  }

  piece(leg: Leg, sample: number, samples: number): void {
    this.#ends[leg] = sample + samples
    this.#samples[leg] += samples
  }

  gap(leg: Leg, samples: number, reason: string): void {
    this.#gaps[leg].set(reason, (this.#gaps[leg].get(reason) ?? 0) + samples)
  }

  /** Audio up to this position of a leg is missing. */
  skip(leg: Leg, to: number): void {
    this.#ends[leg] = to
  }

  /** Length of the longer leg up to its last kept sample, s. */
  get seconds(): number {
    return Math.max(this.#ends.caller, this.#ends.agent) / SAMPLE_RATE
  }

  /**
   * Detects whether a recording is empty, or contains less than 95 % of the time in which it was not paused.
   *
   * @param began when its tap was given to the dialplan, ms since the epoch
   * @param ended when its call ended, ms since the epoch
   * @param redaction the redaction of the recording
   * @returns the missing audio with its reason; undefined if the recording contains enough
   */
  missing(began: number, ended: number, redaction: Redaction): MissingAudio | undefined {
    const omitted = redaction.omittedIn(began, ended)
    const wantedMs = Math.max(0, ended - began - omitted.ms)
    // Asterisk writes both legs while either side sends. One leg may be left out beside an outsider, so the longer one
    // counts.
    const [kept, gaps] = LEGS.map(leg => [toMs(this.#samples[leg]), this.#gaps[leg]] as const).reduce(
      (a, b) => (b[0] > a[0] ? b : a),
    )
    const missingMs = Math.round(wantedMs - kept)
    const isShort = missingMs > TOLERANCE_MS && kept < LEAST_SHARE * wantedMs
    if (!isShort && kept > 0) return undefined
    if (!isShort) return { missingMs: Math.max(0, missingMs), reason: omitted.by ?? 'hung-up' }
    const [reason, samples] = [...gaps].sort(([, a], [, b]) => b - a)[0] ?? ['', 0]
    return { missingMs, reason: toMs(samples) > missingMs / 2 ? reason : 'nothing-came' }
  }
}

const toMs = (samples: number): number => (samples * 1_000) / SAMPLE_RATE
