import type { HeardLanguage } from '../shared/policy.js'
import type { SpeechEngine } from '../shared/speech.js'
import type { Recognizer } from './recognizer.js'
import type { SpeechSettings } from './settings.js'

/** A model of an engine that is loaded, with the languages that it hears. */
export interface LoadedEngine {
  recognizer: Recognizer
  languages: readonly HeardLanguage[]
}

/**
 * Loads one engine.
 *
 * @returns each of its models; none if the settings do not want the engine
 * @throws AppError `speech.unavailable` with the reason, for people
 */
export type EngineLoader = (settings: SpeechSettings) => Promise<LoadedEngine[]>

export type EngineLoaders = Partial<Record<SpeechEngine, EngineLoader>>
