import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { OnlineRecognizer, OnlineStream } from 'sherpa-onnx-node'
import { SAMPLE_RATE } from '../../core/audio.js'
import { type Clock, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../core/policy.js'
import type { SherpaKind } from '../../core/speech-engines.js'
import { childEnv } from '../../lib/process/child-env.js'
import type { LoadedEngine } from '../engines.js'
import { KeptCheck } from '../kept-check.js'
import type { Recognizer, RecognizerStream } from '../recognizer.js'
import type { SherpaModel, SpeechSettings } from '../settings.js'
import { recognizedText, type Transcript } from '../words/recognized-text.js'

/** Silence before and after an utterance, samples. T-one reads blocks of 300 ms, and the last one only when another has begun. */
const [LEAD, TAIL] = [2_400, 4_800]
const FULL_SCALE = 32_768
const run = promisify(execFile)

/**
 * Loads the models of the settings.
 *
 * @throws AppError `speech.unavailable` if sherpa-onnx is not installed, or a model cannot be loaded
 */
export async function loadSherpa({ sherpa, streams }: SpeechSettings): Promise<LoadedEngine[]> {
  const wanted = HEARD_LANGUAGES.flatMap(language => {
    const model = sherpa[language]
    return model ? [{ language, model }] : []
  })
  const loaded: LoadedEngine[] = []
  for (const { language, model } of wanted)
    loaded.push({ recognizer: await SherpaRecognizer.load(model, streams), languages: [language] })
  return loaded
}

/** How long a model may take to load, ms. A little less than the limit of the speech process for all its engines. */
const TRY_MS = 50_000

/** Loads a model in a separate process, which a damaged model ends. @throws the error that ended that process */
async function tryModel(config: object): Promise<void> {
  const program = fileURLToPath(new URL('./try-model.js', import.meta.url))
  const options = { env: childEnv(), timeout: TRY_MS, killSignal: 'SIGKILL' } as const
  await run(process.execPath, [program, JSON.stringify(config)], options)
}

/** Recognises in this process by one streaming model. Each step blocks the process for some milliseconds. */
export class SherpaRecognizer implements Recognizer {
  readonly engine = 'sherpa'
  readonly model: string
  readonly #recognizer: OnlineRecognizer
  readonly #streams: number
  readonly #check: KeptCheck
  #open = 0

  private constructor(
    recognizer: OnlineRecognizer,
    model: string,
    streams: number,
    clock: Pick<Clock, 'elapsed'>,
  ) {
    this.#check = new KeptCheck(() => this.#try(), clock)
    this.#recognizer = recognizer
    this.model = model
    this.#streams = streams
  }

  /**
   * Loads a model, and has it recognise silence.
   *
   * @param streams most utterances at once
   * @throws AppError `speech.unavailable`
   */
  static async load(
    model: SherpaModel,
    streams: number,
    clock: Pick<Clock, 'elapsed'> = systemClock,
  ): Promise<SherpaRecognizer> {
    const files = await modelConfig(model)
    const { default: sherpa } = await import('sherpa-onnx-node').catch(cause => {
      throw new AppError(
        'speech.unavailable',
        'sherpa-onnx-node is not installed: npm install sherpa-onnx-node',
        {
          cause,
        },
      )
    })
    try {
      const config = { modelConfig: { ...files, numThreads: 1, provider: 'cpu', debug: 0 } }
      await tryModel(config)
      const recognizer = new SherpaRecognizer(
        new sherpa.OnlineRecognizer(config),
        await modelHash(model),
        streams,
        clock,
      )
      await recognizer.check()
      return recognizer
    } catch (cause) {
      const message = `the model in ${model.folder} cannot be loaded as ${model.kind}`
      throw new AppError('speech.unavailable', message, { cause })
    }
  }

  check(): Promise<void> {
    return this.#check.run()
  }

  open(language: HeardLanguage, threshold: number): RecognizerStream {
    if (this.#open >= this.#streams)
      throw new AppError('speech.busy', 'as many utterances are recognised as may be at once')
    this.#open += 1
    let stream: OnlineStream | undefined = this.#recognizer.createStream()
    const decode = () => {
      while (stream && this.#recognizer.isReady(stream)) this.#recognizer.decode(stream)
    }
    const take = (samples: Float32Array) => {
      stream?.acceptWaveform({ samples, sampleRate: SAMPLE_RATE })
      decode()
    }
    const close = () => {
      if (stream) this.#open -= 1
      stream = undefined
    }
    take(new Float32Array(LEAD))
    return {
      write: samples => take(Float32Array.from(samples, sample => sample / FULL_SCALE)),
      partial: () => {
        const transcript = stream && this.#read(stream)
        return transcript?.text ? recognizedText(language, threshold, transcript) : undefined
      },
      finish: async () => {
        if (!stream) throw new AppError('speech.failed', 'the utterance was ended before')
        try {
          take(new Float32Array(TAIL))
          stream.inputFinished()
          decode()
          return recognizedText(language, threshold, this.#read(stream))
        } finally {
          close()
        }
      },
      cancel: close,
    }
  }

  async close(): Promise<void> {}

  /** Does not count as an utterance, because the limit of open ones may be reached. */
  async #try(): Promise<void> {
    try {
      const stream = this.#recognizer.createStream()
      stream.acceptWaveform({ samples: new Float32Array(LEAD + TAIL), sampleRate: SAMPLE_RATE })
      stream.inputFinished()
      while (this.#recognizer.isReady(stream)) this.#recognizer.decode(stream)
      this.#read(stream)
    } catch (cause) {
      const message = `the model of sherpa does not recognise: ${(cause as Error).message}`
      throw new AppError('speech.unavailable', message, { retryable: true, cause })
    }
  }

  /** A transducer reports the likelihood of each token, as a logarithm. CTC models do not. */
  #read(stream: OnlineStream): Transcript {
    const { text, ys_probs: logs = [] } = this.#recognizer.getResult(stream)
    const trimmed = text.trim()
    return logs.length === 0
      ? { text: trimmed }
      : { text: trimmed, score: Math.min(1, Math.exp(Math.min(...logs))) }
  }
}

/** The files of a model, by their purpose. */
type ModelFiles = Record<string, string>

const TOKENS = 'tokens.txt'
/** The name by which sherpa-onnx knows each kind of model, and its files. */
const KINDS: Record<SherpaKind, { name: string; files: ModelFiles }> = {
  'tone-ctc': { name: 'toneCtc', files: { model: 'model.onnx' } },
  'zipformer2-ctc': { name: 'zipformer2Ctc', files: { model: 'model.onnx' } },
  'nemo-ctc': { name: 'nemoCtc', files: { model: 'model.onnx' } },
  transducer: {
    name: 'transducer',
    files: { encoder: 'encoder.onnx', decoder: 'decoder.onnx', joiner: 'joiner.onnx' },
  },
}

/**
 * The part of the configuration of sherpa-onnx that names a model.
 *
 * @throws AppError `speech.unavailable` if a file cannot be read; sherpa-onnx would end the process
 */
async function modelConfig({ kind, folder }: SherpaModel): Promise<object> {
  const { name, files } = KINDS[kind]
  const paths = Object.entries(files).map(([purpose, file]) => [purpose, join(folder, file)] as const)
  const tokens = join(folder, TOKENS)
  for (const path of [tokens, ...paths.map(([, path]) => path)])
    await access(path, constants.R_OK).catch(cause => {
      throw new AppError('speech.unavailable', `the model has no file ${path} that can be read`, { cause })
    })
  return { [name]: Object.fromEntries(paths), tokens }
}

/** SHA-256 of the files of a model, each after its name, hex. */
async function modelHash({ kind, folder }: SherpaModel): Promise<string> {
  const hash = createHash('sha256')
  for (const file of [TOKENS, ...Object.values(KINDS[kind].files)]) {
    hash.update(`${file}\0`)
    await pipeline(createReadStream(join(folder, file)), async pieces => {
      for await (const piece of pieces) hash.update(piece as Buffer)
    })
  }
  return hash.digest('hex')
}
