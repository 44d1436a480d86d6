import type { HeardLanguage } from '../core/policy.js'
import type { SpeechEngine, SpokenClass, SpokenReason } from '../core/speech.js'

/*
 * This room hears what a caller says while a question is open. `listener.ts` finds utterances in the caller's audio, an engine
 * behind the port in this file recognises them, and the result is a `SpokenAnswer`. Nothing here writes audio to a disk.
 */

/** How long the result may take after the end of an utterance, ms. It usually takes 50-300 ms. */
export const RESULT_MS = 2_000

/** An engine's result for one utterance. */
export interface Recognized {
  heard: SpokenClass
  /** Scores by name, 0 to 1. */
  scores: Readonly<Record<string, number>>
  /** As `needed` of a `SpokenAnswer`. */
  needed?: number
  /** The words, if the engine transcribes; personal data. */
  words?: string
  /** As `reason` of a `SpokenAnswer`. */
  reason?: SpokenReason
}

/** One utterance on its way through an engine. */
export interface RecognizerStream {
  /** Takes the next samples of the utterance: 8 kHz, mono, 16 bit. */
  write(samples: Int16Array): void
  /**
   * Asks for a result of the audio so far, in a pause of the caller.
   *
   * @param hasSpoken whether the caller has spoken since the engine was last asked
   * @returns undefined if there is no result yet, or the engine gives none before the end
   */
  partial(hasSpoken: boolean): Recognized | undefined
  /**
   * Ends the utterance.
   *
   * @param hasSpoken as in `partial`
   * @throws AppError `speech.failed`, `speech.timeout`
   */
  finish(hasSpoken: boolean): Promise<Recognized>
  /** Discards the utterance. The stream accepts no further audio. */
  cancel(): void
}

/** A speech recogniser. */
export interface Recognizer {
  readonly engine: SpeechEngine
  /** As `model` of a `SpokenAnswer`. */
  readonly model: string
  /**
   * Whether its work is stuck, so that only a new process helps. Absent if that cannot happen without blocking the
   * process.
   */
  readonly isStuck?: boolean
  /**
   * Tests the recogniser with a short silence.
   * @throws AppError `speech.unavailable` if it cannot hear this language now
   */
  check(language: HeardLanguage): Promise<void>
  /**
   * Begins an utterance.
   *
   * @param threshold the least score of a yes, 0 to 1
   * @throws AppError `speech.busy` if its limit of streams is reached
   */
  open(language: HeardLanguage, threshold: number): RecognizerStream
  close(): Promise<void>
}
