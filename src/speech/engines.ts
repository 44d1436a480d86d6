import { AppError } from '../core/errors.js'
import type { HeardLanguage } from '../core/policy.js'
import type { SpeechEngine } from '../core/speech.js'
import type { Recognizer } from './recognizer.js'
import type { SpeechSettings } from './settings.js'

/** An engine, and a language that it must hear. */
export interface WantedEngine {
  engine: SpeechEngine
  language: HeardLanguage
}

/** Whether engine and language are the same. */
export const isSame = (one: WantedEngine, other: WantedEngine): boolean =>
  one.engine === other.engine && one.language === other.language

/** Makes the AppError `speech.not-set-up`. The engine may hear other languages. */
export const notSetUp = ({ engine, language }: WantedEngine): AppError =>
  new AppError(
    'speech.not-set-up',
    `the engine ${engine} does not hear ${language}: set CONSENTRY_${engine.toUpperCase()}_${language.toUpperCase()}`,
  )

/** A loaded model of an engine, with the languages that it hears. */
export interface LoadedEngine {
  recognizer: Recognizer
  languages: readonly HeardLanguage[]
}

/**
 * Loads one engine.
 *
 * @returns each of its models; none if the settings name none
 * @throws AppError `speech.unavailable` with the reason, for people
 */
export type EngineLoader = (settings: SpeechSettings) => Promise<LoadedEngine[]>

export type EngineLoaders = Record<SpeechEngine, EngineLoader>
