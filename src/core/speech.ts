import type { HeardLanguage } from './policy.js'
import type { SpeechEngine } from './speech-engines.js'

export { SPEECH_ENGINES, type SpeechEngine } from './speech-engines.js'

/**
 * The class of an utterance. `weak`: an agreement short of a clear yes, such as "okay". `unclear`: everything else,
 * such as a question, noise, or two engines that disagree.
 */
export type SpokenClass = 'yes' | 'no' | 'weak' | 'unclear'

/** Why an utterance is unclear, or why one part of an engine rejected a yes. `docs/formats.md` explains each. */
export const SPOKEN_REASONS = [
  'score',
  'noise',
  'short',
  'grammar',
  'threshold',
  'long',
  'prompt',
  'no-words',
  'other-words',
] as const
export type SpokenReason = (typeof SPOKEN_REASONS)[number]

/** The terms of hearing one question. */
export interface HearingTerms {
  language: HeardLanguage
  engine: SpeechEngine
  /** The least score of a yes, 0 to 1. */
  threshold: number
  /** The line keeps a spoken yes, so the result includes its sound. */
  keepYes?: true
}

/** One utterance as an engine heard it, with the evidence for its class. It holds no audio. */
export interface SpokenAnswer {
  heard: SpokenClass
  engine: SpeechEngine
  /** SHA-256 of the engine's model files, hex. For a Vosk server its address, which does not identify the model. */
  model: string
  terms: HearingTerms
  /** The words, of an engine that transcribes; personal data. */
  words?: string
  /** Scores by name, 0 to 1, such as `yes` of the net and `grammar` of the grammar. */
  scores: Readonly<Record<string, number>>
  /**
   * The least score of a yes for this utterance, 0 to 1. It exceeds the threshold if the engine asks for more, as in
   * noise. Absent if no score would make it a yes (the grammar said no in a quiet room), and for an engine without
   * scores.
   */
  needed?: number
  /** Absent for a clear answer. */
  reason?: SpokenReason
  /** Start and end of the speech, and the moment of the decision, ms since the hearing began. */
  beganMs: number
  endedMs: number
  decidedMs: number
}

/** The sound of a spoken yes: 8 kHz, mono, 16 bit. It leaves the speech process only if the line keeps it. */
export type SpokenSound = Int16Array

/** Source of a caller's RTP, as the PBX reports it: an IP address and a port. */
export interface RtpSource {
  address: string
  port: number
}
