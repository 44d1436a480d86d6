import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.js'
import { AppError, codeOf } from '../core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../core/policy.js'
import { type HearingTerms, SPEECH_ENGINES, type SpeechEngine, type SpokenAnswer } from '../core/speech.js'
import { toTelephone } from '../lib/audio-formats/to-telephone.js'
import { readWav } from '../lib/audio-formats/wav.js'
import { findExtent } from './embedded/extent.js'
import { openListener } from './listener.js'
import { loaders } from './loaders.js'
import type { Recognized, Recognizer, RecognizerStream } from './recognizer.js'
import { SAMPLES_PER_MS } from './utterances.js'

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

/** Surroundings added before and after the sound, ms. In a call, audio precedes and follows an answer. */
const AROUND_MS = 1_000
/** Samples that are pushed at once: 20 ms. */
const PACKET = 160
/**
 * How long an engine may take in a pause, ms. In a call, that much time passes from the first partial result until the
 * pause ends the utterance.
 */
const IN_PAUSE_MS = 200

/** Position of a sound in a call. */
export interface InCall {
  /** Surroundings added before and after it, ms; default 1,000. 0 for a sound that contains its surroundings. */
  aroundMs?: number
  /**
   * End of the prompt, ms from the beginning of the sound. Without it, the prompt ended so long ago that its echo is
   * over.
   */
  promptEndMs?: number
}

/**
 * Hears a sound as if it came in a call after the prompt.
 *
 * @param samples 8 kHz
 * @returns the first answer, with times from the beginning of the sound; undefined if no speech lasts 80 ms
 * @throws AppError `speech.unavailable`, `speech.failed`
 */
export async function hearSound(
  recognizer: Recognizer,
  terms: HearingTerms,
  samples: Int16Array,
  { aroundMs = AROUND_MS, promptEndMs = -AROUND_MS - aroundMs }: InCall = {},
): Promise<SpokenAnswer | undefined> {
  const around = surroundings(samples, aroundMs)
  let answer: SpokenAnswer | undefined
  let failure: Error | undefined
  let settled = () => {}
  const end = new Promise<void>(resolve => {
    settled = resolve
  })
  const patient = new PatientRecognizer(recognizer)
  const listener = openListener(patient, terms, {
    answered(given) {
      answer = given
      settled()
    },
    failed(error) {
      failure = error
      settled()
    },
  })
  listener.promptEnded((aroundMs + promptEndMs) * SAMPLES_PER_MS)
  let position = 0
  for (const part of [around, samples, around])
    for (let at = 0; at < part.length && !listener.isDeciding(); at += PACKET) {
      const packet = part.subarray(at, at + PACKET)
      listener.push(packet, position)
      position += packet.length
      await patient.said()
    }
  if (listener.isDeciding()) await end
  listener.close()
  if (failure) throw failure
  if (!answer) return undefined
  const { beganMs, endedMs, decidedMs } = answer
  return {
    ...answer,
    beganMs: beganMs - aroundMs,
    endedMs: endedMs - aroundMs,
    decidedMs: decidedMs - aroundMs,
  }
}

/** A recogniser for audio that is pushed faster than real time: `said` waits for the engine. */
class PatientRecognizer implements Recognizer {
  readonly engine: Recognizer['engine']
  readonly model: string
  private partial: (() => Recognized | undefined) | undefined

  constructor(private readonly inner: Recognizer) {
    this.engine = inner.engine
    this.model = inner.model
  }

  check(language: HeardLanguage): Promise<void> {
    return this.inner.check(language)
  }

  open(language: HeardLanguage, threshold: number): RecognizerStream {
    const stream = this.inner.open(language, threshold)
    return {
      write: samples => stream.write(samples),
      finish: hasSpoken => stream.finish(hasSpoken),
      cancel: () => stream.cancel(),
      partial: hasSpoken => {
        if (hasSpoken) this.partial = () => stream.partial(false)
        return stream.partial(hasSpoken)
      },
    }
  }

  close(): Promise<void> {
    return this.inner.close()
  }

  /** Waits, for a limited time, until the engine has a result for the utterance in a pause that has just begun. */
  async said(): Promise<void> {
    const { partial } = this
    this.partial = undefined
    if (!partial) return
    const until = performance.now() + IN_PAUSE_MS
    while (partial() === undefined && performance.now() < until) await sleep(1)
  }
}

/** Noise of the level of the sound's quiet parts. */
function surroundings(samples: Int16Array, ms: number): Int16Array {
  const { floor } = findExtent(samples)
  let state = 1
  return Int16Array.from({ length: ms * SAMPLES_PER_MS }, () => {
    // A linear congruential generator, so that the noise is the same for each file.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.round((state / 2 ** 32 - 0.5) * Math.sqrt(12) * floor)
  })
}
