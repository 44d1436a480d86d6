import type { Clock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { HeardLanguage } from '../../core/policy.js'
import type { SpeechEngine } from '../../core/speech.js'
import { waitAtMost } from '../../lib/deadline.js'
import {
  type EngineLoader,
  type EngineLoaders,
  type LoadedEngine,
  notSetUp,
  type WantedEngine,
} from '../engines.js'
import type { Recognizer } from '../recognizer.js'
import type { SpeechSettings } from '../settings.js'
import { type EngineState, reasonOf } from './protocol.js'

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
