import { readFile } from 'node:fs/promises'
import type { Config } from '../config/config.js'
import { toTelephone } from '../shared/audio-formats/to-telephone.js'
import { readWav } from '../shared/audio-formats/wav.js'
import { AppError, codeOf } from '../shared/errors.js'
import { LANGUAGES, type Language } from '../shared/policy.js'
import { SPEECH_ENGINES, type SpeechEngine, type SpokenAnswer } from '../shared/speech.js'
import { hearSound } from '../speech/hear-sound.js'
import { loaders } from '../speech/loaders.js'

/** A file to be heard. */
export interface ListenRequest {
  file: string
  language: string
  engine: string
  /** The least score of a yes, 0 to 1. */
  threshold: number
}

/** What was heard in a file. */
export interface Listened {
  /** Undefined: nobody speaks in it. */
  answer: SpokenAnswer | undefined
  /** Processor time of hearing it, ms. */
  processorMs: number
}

/**
 * Hears a file as a call would after the prompt, with the engine and rules of a call.
 *
 * @throws AppError `request.invalid`, `not-found`, `speech.unavailable`, `speech.failed`
 */
export async function listenToFile(
  { hearing }: Pick<Config, 'hearing'>,
  { file, language, engine, threshold }: ListenRequest,
): Promise<Listened> {
  if (!isLanguage(language))
    throw invalid(`there is no language "${language}": give ${LANGUAGES.join(' or ')}`)
  if (!isEngine(engine)) throw invalid(`there is no engine "${engine}": give ${SPEECH_ENGINES.join(', ')}`)
  if (!(threshold > 0 && threshold <= 1)) throw invalid('the threshold is a number above 0, at most 1')
  const samples = await readSound(file)
  const models = await loaders[engine](hearing)
  const recognizer = models.find(({ languages }) => languages.includes(language))?.recognizer
  if (!recognizer)
    throw new AppError('speech.unavailable', `the engine ${engine} has no model for ${language}`)
  try {
    await recognizer.check(language)
    const before = process.cpuUsage()
    const answer = await hearSound(recognizer, { language, engine, threshold }, samples)
    const { user, system } = process.cpuUsage(before)
    return { answer, processorMs: Math.round((user + system) / 1000) }
  } finally {
    await Promise.all(models.map(one => one.recognizer.close()))
  }
}

const invalid = (message: string) => new AppError('request.invalid', message)

const isLanguage = (text: string): text is Language => LANGUAGES.some(language => language === text)
const isEngine = (text: string): text is SpeechEngine => SPEECH_ENGINES.some(engine => engine === text)

async function readSound(file: string): Promise<Int16Array> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new AppError('not-found', `${file} cannot be read: ${error.code}`)
  })
  try {
    const { rate, samples } = readWav(bytes)
    if (rate < 8_000) throw invalid(`${file} has ${rate} samples a second: give at least 8000`)
    return Int16Array.from(toTelephone(samples, rate), value => Math.round(value))
  } catch (error) {
    if (codeOf(error) === 'prompt.damaged') throw invalid(`${file} is ${(error as Error).message}`)
    throw error
  }
}
