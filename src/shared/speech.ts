import type { HeardLanguage } from './policy.js'
import type { SpeechEngine } from './speech-engines.js'

export { SPEECH_ENGINES, type SpeechEngine } from './speech-engines.js'

/**
 * What a caller said. `weak`: an agreement that is no clear yes, such as "okay". `unclear`: everything else, such as a question,
 * noise, or two engines that disagree.
 */
export type SpokenClass = 'yes' | 'no' | 'weak' | 'unclear'

/** Why an utterance is unclear, or why the yes of one part of an engine did not count. `docs/journal.md` says what each means. */
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

/** How one question is heard. */
export interface HearingTerms {
  language: HeardLanguage
  engine: SpeechEngine
  /** The least score of a yes, 0 to 1. */
  threshold: number
  /** The line keeps a spoken yes, so its sound comes with it. */
  keepYes?: true
}

/** One utterance as an engine heard it, with what a later reader needs to judge the decision. It holds no audio. */
export interface SpokenAnswer {
  heard: SpokenClass
  engine: SpeechEngine
  /** SHA-256 of the engine's model files, hex; of a Vosk server its address, which does not say which model it has. */
  model: string
  terms: HearingTerms
  /** The words, of an engine that transcribes; personal data. */
  words?: string
  /** Scores by name, 0 to 1, such as `yes` of the net and `grammar` of the grammar. */
  scores: Readonly<Record<string, number>>
  /**
   * The least score of a yes for this utterance, 0 to 1. It is above the threshold where the engine asks for more, as in noise. Absent if no
   * score makes a yes of it, as without the yes of the grammar in a quiet room, and of an engine without scores.
   */
  needed?: number
  /** Absent where nothing is to be explained. */
  reason?: SpokenReason
  /** Begin and end of the speech, and the decision, ms from the beginning of the hearing. */
  beganMs: number
  endedMs: number
  decidedMs: number
}

/** The sound of a spoken yes: 8 kHz, mono, 16 bit. It leaves the speech process only where the line keeps it. */
export type SpokenSound = Int16Array

/** Where the RTP of a caller comes from, as the PBX names it: an IP address and a port. */
export interface RtpSource {
  address: string
  port: number
}
