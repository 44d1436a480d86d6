import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/core/errors.js'
import { SERVICE_FLAGS } from '../../src/lib/process/service-flags.js'
import { httpGet } from '../http-get.js'
import { compiled } from './compiled.js'
import { GrowingFile } from './growing-file.js'
import { pollUntil, type StartedProcess, startProcess } from './start-process.js'

/** From the service's unexpected end to its next start, ms. */
const RESTART_DELAY_MS = 250
/** After this many failed starts in a row the lab stops waiting. */
const MAX_FAILED_STARTS = 3
/**
 * Longest time until the service is ready or reports progress, ms. The first start converts the prompts, which takes
 * minutes on a busy machine.
 */
const READY_LIMIT_MS = 60_000
/** The service's message every 20 s while it prepares its prompts. */
const GETS_ON = '"msg":"the service makes its prompts ready"'
/** Longest time for an answer of the service, ms. */
const ANSWER_LIMIT_MS = 1_000
/** Longest time for the service to stop, ms. The service gives open questions 5 s. */
const STOP_LIMIT_MS = 10_000

export interface ServiceOptions {
  env: Record<string, string>
  /** Its address, `http://host:port`. */
  http: string
  /** File for its log. */
  logFile: string
}

/** The service as a supervised child process: the lab restarts it when it dies. */
export class Service {
  /** Changes to its environment from the next start on. `undefined` removes a variable. */
  overrides: Record<string, string | undefined> = {}
  /** Command prefix from the next start on. The command must become the service by `exec`. */
  launcher: string[] = []
  #process: StartedProcess | undefined
  #supervised = true
  #failures = 0
  readonly #log: GrowingFile

  constructor(private readonly options: ServiceOptions) {
    this.#log = new GrowingFile(options.logFile)
  }

  /** Process id; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#process?.hasEnded() === false ? this.#process.pid : undefined
  }

  /** The environment of its next start. */
  get env(): Record<string, string> {
    const changed = { ...this.options.env, ...this.overrides }
    return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >
  }

  /** @returns the content of its log */
  async log(): Promise<string> {
    return this.#log.read()
  }

  /** Starts it unless it runs, and supervises it. Does not wait until it is ready. */
  start(): void {
    this.#supervised = true
    if (this.pid !== undefined) return
    // Earlier ends, which a test may have caused, do not count.
    this.#failures = 0
    this.#spawn()
  }

  /**
   * Waits until the service can accept and record calls, as long as its start makes progress.
   *
   * @param limit longest time without progress, ms
   * @throws AppError `tool.failed` with the end of its log
   */
  async waitUntilReady(limit = READY_LIMIT_MS): Promise<void> {
    const gaveUp = () => this.#failures >= MAX_FAILED_STARTS
    for (let [before, said] = [-1, 0]; said > before && !gaveUp(); ) {
      before = said
      if (await pollUntil(() => this.isReady(), limit, gaveUp)) return
      said = (await this.log()).split(GETS_ON).length
    }
    const words = (await this.log()).slice(-3_000)
    throw new AppError('tool.failed', `the service did not become ready:\n${words}`)
  }

  /**
   * Waits until it can hear callers: the engines of the lines in force are loaded.
   *
   * @throws AppError `tool.failed` with the end of its log
   */
  async waitUntilHearing(limit = READY_LIMIT_MS): Promise<void> {
    const hears = async () => (await this.log()).includes('"msg":"callers can answer by voice"')
    if (await pollUntil(hears, limit, () => false)) return
    throw new AppError(
      'tool.failed',
      `the service does not hear callers:\n${(await this.log()).slice(-3_000)}`,
    )
  }

  async isReady(): Promise<boolean> {
    const answer = await httpGet(`${this.options.http}/readyz`, ANSWER_LIMIT_MS)
    return answer?.status === 200
  }

  /** Sends a signal. If the service ends, it is restarted; see {@link stopSupervising}. */
  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  /** Stops restarting a service that ends, until {@link start}. */
  stopSupervising(): void {
    this.#supervised = false
  }

  /** Ends it in good order and stops supervising it. May be called again. */
  async stop(): Promise<void> {
    this.stopSupervising()
    // A frozen process would not get SIGTERM.
    this.#process?.kill('SIGCONT')
    await this.#process?.end(['SIGTERM', 'SIGKILL'], STOP_LIMIT_MS)
  }

  /** Stops it, starts it with these overrides, and waits until it is ready. */
  async restart(overrides = this.overrides): Promise<void> {
    await this.stop()
    this.overrides = overrides
    this.start()
    await this.waitUntilReady()
  }

  #spawn(): void {
    const log = openSync(this.options.logFile, 'a')
    const own = startProcess(
      [...this.launcher, process.execPath, ...SERVICE_FLAGS, compiled('cli'), 'serve'],
      { env: this.env, log },
    )
    closeSync(log)
    this.#process = own
    const begun = performance.now()
    void own.ended.then(async () => {
      this.#failures = performance.now() - begun < 10_000 ? this.#failures + 1 : 0
      if (!this.#supervised) return
      await sleep(RESTART_DELAY_MS)
      // `start` or `stop` may have been called during the wait.
      if (this.#supervised && this.#process === own) this.#spawn()
    })
  }
}
