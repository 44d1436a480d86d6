import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { readConfig } from '../../../src/config/config.js'
import { AppError } from '../../../src/core/errors.js'
import type { HeardLanguage } from '../../../src/core/policy.js'
import { SPEECH_ENGINES, type SpeechEngine } from '../../../src/core/speech.js'
import { loaders } from '../../../src/speech/loaders.js'
import type { Recognizer } from '../../../src/speech/recognizer.js'

/** An engine with what hears each of its languages. */
export interface OpenEngine {
  engine: SpeechEngine
  recognizers: ReadonlyMap<HeardLanguage, Recognizer>
  close(): Promise<void>
}

/**
 * Opens an engine as the service does: servers and models are those of the settings, such as `CONSENTRY_VOSK_EN`. Only pocketsphinx is that of the lab.
 *
 * @throws AppError `request.invalid` if there is no such engine, `speech.unavailable` if it hears no language
 */
export async function openEngine(name: string): Promise<OpenEngine> {
  const engine = SPEECH_ENGINES.find(one => one === name)
  if (!engine)
    throw new AppError('request.invalid', `there is no engine "${name}": give ${SPEECH_ENGINES.join(', ')}`)
  const { hearing } = readConfig(process.env, 'tool')
  const loaded = await loaders[engine]({ ...hearing, root: await findSpeechModels() })
  const recognizers = new Map(
    loaded.flatMap(({ recognizer, languages }) => languages.map(language => [language, recognizer] as const)),
  )
  const close = async () => {
    await Promise.all(loaded.map(({ recognizer }) => recognizer.close()))
  }
  if (recognizers.size === 0)
    throw new AppError('speech.unavailable', `the settings name no model for the engine ${engine}`)
  for (const [language, recognizer] of recognizers)
    await recognizer.check(language).catch(async error => {
      await close()
      throw error
    })
  return { engine, recognizers, close }
}
