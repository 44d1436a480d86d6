import { readFile } from 'node:fs/promises'
import type { Config } from '../config/config.js'
import { AppError, codeOf } from '../core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../core/policy.js'
import { type HearingTerms, SPEECH_ENGINES, type SpeechEngine, type SpokenAnswer } from '../core/speech.js'
import { toTelephone } from '../lib/audio-formats/to-telephone.js'
import { readWav } from '../lib/audio-formats/wav.js'
import { hearSound } from './hear-sound.js'
import { loaders } from './loaders.js'

/** The engine, language and threshold with which files are heard. */
export interface HearingRequest {
  language: string
  engine: string
  /** The least score that counts as a yes, 0 to 1. */
  threshold: number
}

/** A file to be heard. */
export interface ListenRequest extends HearingRequest {
  file: string
}

/** What was heard in a file. */
export interface Listened {
  /** Undefined if no speech was found. */
  answer: SpokenAnswer | undefined
  /** Processor time of hearing it, ms. */
  processorMs: number
}

/**
 * Recognises the answer in a file with the engine and rules of a call, as if it came after the prompt.
 *
 * @throws AppError `request.invalid`, `not-found`, `speech.unavailable`, `speech.failed`
 */
export async function listenToFile(
  config: Pick<Config, 'hearing'>,
  { file, ...terms }: ListenRequest,
): Promise<Listened> {
  const { hear, close } = await openFileHearing(config, terms)
  try {
    return await hear(file)
  } finally {
    await close()
  }
}

/** Recognises files, one after another. */
export interface FileHearing extends HearingTerms {
  /** As `model` of a `SpokenAnswer`. */
  model: string
  /** @throws AppError `request.invalid`, `not-found`, `speech.failed` */
  hear(file: string): Promise<Listened>
  close(): Promise<void>
}

/**
 * Opens an engine for files.
 *
 * @throws AppError `request.invalid`, `speech.unavailable`
 */
export async function openFileHearing(
  { hearing }: Pick<Config, 'hearing'>,
  { language, engine, threshold }: HearingRequest,
): Promise<FileHearing> {
  if (!isLanguage(language))
    throw invalid(`there is no language "${language}": give ${HEARD_LANGUAGES.join(' or ')}`)
  if (!isEngine(engine)) throw invalid(`there is no engine "${engine}": give ${SPEECH_ENGINES.join(', ')}`)
  if (!(threshold > 0 && threshold <= 1)) throw invalid('the threshold is a number above 0, at most 1')
  const models = await loaders[engine](hearing)
  const close = async () => void (await Promise.all(models.map(one => one.recognizer.close())))
  const terms: HearingTerms = { language, engine, threshold }
  try {
    const recognizer = models.find(({ languages }) => languages.includes(language))?.recognizer
    if (!recognizer)
      throw new AppError('speech.unavailable', `the engine ${engine} has no model for ${language}`)
    await recognizer.check(language)
    const hear = async (file: string) => {
      const samples = await readSound(file)
      const before = process.cpuUsage()
      const answer = await hearSound(recognizer, terms, samples)
      const { user, system } = process.cpuUsage(before)
      return { answer, processorMs: Math.round((user + system) / 1000) }
    }
    return { ...terms, model: recognizer.model, hear, close }
  } catch (error) {
    await close()
    throw error
  }
}

const invalid = (message: string) => new AppError('request.invalid', message)

const isLanguage = (text: string): text is HeardLanguage =>
  HEARD_LANGUAGES.some(language => language === text)
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
