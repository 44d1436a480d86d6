import type { Language } from '../../core/policy.js'

/** A voice that can speak now. */
export interface Voice {
  engine: string
  voice: string
  language: Language
}

/** A program or service that turns text into speech. */
export interface SpeechEngine {
  name: string
  /** The voices available now; none if the engine is not installed. Never rejects. */
  voices(): Promise<Voice[]>
  /**
   * @param text words without variables; a plus before a Russian vowel marks its stress
   * @returns a WAV of any form
   * @throws AppError `tool.failed`
   */
  speak(text: string, voice: Voice): Promise<Buffer>
}
