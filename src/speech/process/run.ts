import { writeFileSync } from 'node:fs'
import { type Clock, systemClock } from '../../core/clock.js'
import { AppError, codeOf } from '../../core/errors.js'
import type { HeardLanguage } from '../../core/policy.js'
import type { HearingTerms, SpeechEngine } from '../../core/speech.js'
import { waitAtMost } from '../../lib/deadline.js'
import { createLog } from '../../lib/log.js'
import { endOnFault } from '../../lib/process/faults.js'
import {
  type EngineLoader,
  type EngineLoaders,
  type LoadedEngine,
  notSetUp,
  type WantedEngine,
} from '../engines.js'
import type { Recognizer } from '../recognizer.js'
import type { SpeechSettings } from '../settings.js'
import { type CreateListener, OpenQuestion } from './open-question.js'
import {
  checkFromService,
  type EngineState,
  type FromService,
  type FromSpeech,
  REFUSALS,
  reasonOf,
  writeSound,
} from './protocol.js'
import { startSelfCheck } from './self-check.js'

/** Has the kernel end this process before the service and the PBX when memory is short (`oom_score_adj`). */
const OOM_SCORE = '700'

/** Parts of the speech process. */
export interface SpeechParts {
  loaders: EngineLoaders
  createListener: CreateListener
}

/**
 * Runs the speech process: it holds the engines and the ports of the open questions, and follows the service's orders
 * on the channel of a child process. It ends with the service. It writes no file, and logs only the fault by which it
 * ends.
 */
export async function runSpeechProcess(parts: SpeechParts): Promise<void> {
  process.title = 'consentry speech'
  // Node would write the message of the error, which may quote a caller's words.
  endOnFault(createLog())
  process.once('disconnect', () => process.exit(0))
  process.once('SIGTERM', () => process.exit(0))
  // An operator interrupts the service, which then ends this process.
  process.on('SIGINT', () => {})
  giveWayForMemory()
  const { prove } = await startSelfCheck(count => send({ t: 'pong', count }))
  let room: Questions | undefined
  process.on('message', message => {
    const order = checkFromService(message)
    // Without an answer, the service ends this process and starts another one.
    if (order.t === 'ping') {
      if (!room?.isStuck) prove(order.count)
    } else if (order.t !== 'start') room?.handle(order)
    else if (!room) room = new Questions(order.settings, order.wanted, parts)
  })
}

function giveWayForMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE)
  } catch {
    // Without this setting, the system chooses which process to end.
  }
}

function send(message: FromSpeech): void {
  // A closed channel ends this process.
  if (process.connected) process.send!(message, undefined, {}, () => {})
}

/** The open questions. */
class Questions {
  readonly #settings: SpeechSettings
  readonly #createListener: CreateListener
  readonly #engines: EngineRoom
  /** By number. Null while a question is being opened. */
  readonly #open = new Map<number, OpenQuestion | null>()

  constructor(
    settings: SpeechSettings,
    wanted: readonly WantedEngine[],
    { loaders, createListener }: SpeechParts,
  ) {
    this.#settings = settings
    this.#createListener = createListener
    this.#engines = new EngineRoom(settings, loaders, systemClock, engines => send({ t: 'engines', engines }))
    void this.#engines.start(wanted).then(() => send({ t: 'ready' }))
  }

  get isStuck(): boolean {
    return this.#engines.isStuck
  }

  handle(order: Exclude<FromService, { t: 'start' | 'ping' }>): void {
    if (order.t === 'want') {
      this.#engines.want(order.wanted)
      return
    }
    const { question } = order
    switch (order.t) {
      case 'open':
        return void this.#openQuestion(question, order.terms)
      case 'announce':
        return void this.#open.get(question)?.announce(order.source)
      case 'prompt-ended':
        return void this.#open.get(question)?.promptEnded()
      case 'close':
        this.#open.get(question)?.close()
        this.#open.delete(question)
    }
  }

  async #openQuestion(question: number, terms: HearingTerms): Promise<void> {
    try {
      if (this.#open.size >= this.#settings.streams)
        throw new AppError('speech.busy', 'as many callers are heard as may be heard at once')
      this.#open.set(question, null)
      const recognizer = await this.#engines.find(terms)
      const opened = await OpenQuestion.open({
        ...{ host: this.#settings.host, createListener: this.#createListener, clock: systemClock },
        ...{ recognizer, terms },
        onSpeaking: () => send({ t: 'speaking', question }),
        onAnswer: (answer, sound) =>
          send({ t: 'heard', question, answer, ...(sound && { sound: writeSound(sound) }) }),
        onFailed: reason => {
          this.#open.delete(question)
          send({ t: 'failed', question, reason })
        },
      })
      // The question was closed meanwhile.
      if (!this.#open.has(question)) return opened.close()
      this.#open.set(question, opened)
      send({ t: 'opened', question, port: opened.port })
    } catch (error) {
      const code = REFUSALS.find(one => one === codeOf(error)) ?? 'speech.unavailable'
      if (this.#open.get(question) === null) this.#open.delete(question)
      send({ t: 'refused', question, code, reason: reasonOf(error) })
    }
  }
}

/** Time between two checks of the engines, ms. Failed loads are retried at the same interval. */
const CHECK_INTERVAL_MS = 10_000
/** How long one check may take, ms. */
const CHECK_MS = 5_000

/** The engines of the speech process. They are loaded one after the other, and checked while the process runs. */
export class EngineRoom {
  readonly #settings: SpeechSettings
  readonly #loaders: EngineLoaders
  readonly #clock: Pick<Clock, 'after'>
  readonly #onStates: (states: EngineState[]) => void
  readonly #loaded = new Map<SpeechEngine, LoadedEngine[]>()
  /** Why a wanted engine of the settings cannot be loaded. */
  readonly #missing = new Map<SpeechEngine, string>()
  #wanted: readonly WantedEngine[] = []
  #reported = ''
  #working: Promise<void> = Promise.resolve()

  /** @param onStates gets the states when they have changed */
  constructor(
    settings: SpeechSettings,
    loaders: EngineLoaders,
    clock: Pick<Clock, 'after'>,
    onStates: (states: EngineState[]) => void,
  ) {
    this.#settings = settings
    this.#loaders = loaders
    this.#clock = clock
    this.#onStates = onStates
  }

  /** Whether an engine is stuck, so that only a new process helps. */
  get isStuck(): boolean {
    return [...this.#loaded.values()].flat().some(({ recognizer }) => recognizer.isStuck)
  }

  /** Loads and checks the wanted engines. Resolves when each has been tried once. Failed ones are then retried. */
  async start(wanted: readonly WantedEngine[]): Promise<void> {
    this.want(wanted)
    await this.#working
    const again = () => this.#clock.after(CHECK_INTERVAL_MS, () => void this.#work().then(again))
    again()
  }

  /** Sets the engines to load and check from now on. Loaded engines stay loaded. */
  want(engines: readonly WantedEngine[]): void {
    this.#wanted = engines
    void this.#work()
  }

  #work(): Promise<void> {
    this.#working = this.#working.then(async () => {
      await this.#loadMissing()
      await this.#checkAll()
    })
    return this.#working
  }

  /**
   * The engine that hears a question.
   *
   * @throws AppError `speech.unavailable`, `speech.not-set-up`
   */
  async find({ engine, language }: WantedEngine): Promise<Recognizer> {
    const loaded = this.#loaded.get(engine)
    if (!loaded)
      throw new AppError(
        'speech.unavailable',
        this.#missing.get(engine) ?? `the engine ${engine} is not loaded yet`,
      )
    const recognizer = recognizerOf(loaded, language)
    if (!recognizer) throw notSetUp({ engine, language })
    await recognizer.check(language)
    return recognizer
  }

  #wants(engine: SpeechEngine): boolean {
    return this.#wanted.some(one => one.engine === engine)
  }

  async #loadMissing(): Promise<void> {
    for (const [engine, load] of Object.entries(this.#loaders) as [SpeechEngine, EngineLoader][]) {
      if (this.#loaded.has(engine) || !this.#wants(engine)) continue
      try {
        this.#loaded.set(engine, await load(this.#settings))
        this.#missing.delete(engine)
      } catch (error) {
        this.#missing.set(engine, reasonOf(error))
      }
    }
  }

  async #checkAll(): Promise<void> {
    const checks = this.#wanted.flatMap(one => {
      const loaded = this.#loaded.get(one.engine)
      return loaded ? [this.#check(recognizerOf(loaded, one.language), one)] : []
    })
    const states: EngineState[] = await Promise.all(checks)
    for (const [engine, trouble] of this.#missing)
      if (this.#wants(engine)) states.push({ engine, language: null, trouble })
    const text = JSON.stringify(states)
    if (text === this.#reported) return
    this.#reported = text
    this.#onStates(states)
  }

  async #check(recognizer: Recognizer | undefined, wanted: WantedEngine): Promise<EngineState> {
    if (!recognizer) return { ...wanted, trouble: notSetUp(wanted).message }
    const { engine, language } = wanted
    let trouble: string | null = `the engine ${engine} does not answer`
    const checked = recognizer.check(language).then(
      () => {
        trouble = null
      },
      error => {
        trouble = reasonOf(error)
      },
    )
    await waitAtMost(this.#clock, CHECK_MS, checked)
    return { engine, language, trouble }
  }
}

const recognizerOf = (models: readonly LoadedEngine[], language: HeardLanguage): Recognizer | undefined =>
  models.find(({ languages }) => languages.includes(language))?.recognizer
