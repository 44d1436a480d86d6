import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/shared/errors.js'
import { compiled } from './compiled.js'
import { pollUntil, type StartedProcess, startProcess } from './start-process.js'

/** From the service's unexpected end to its next start, ms. */
const RESTART_DELAY_MS = 250
/** Starts that may fail in a row before the lab gives up waiting. */
const MAX_FAILED_STARTS = 3
/** What a start may take until the service is ready, ms: prompts are converted at the first one. */
const READY_LIMIT_MS = 60_000
/** What the service may take to end in good order, ms; it allows itself 5 s for open questions. */
const STOP_LIMIT_MS = 10_000

export interface ServiceOptions {
  env: Record<string, string>
  /** Where it answers, `http://host:port`. */
  http: string
  /** File for its log. */
  logFile: string
}

/** The service as the lab runs it: a child process that is started again when it dies, unless it is told not to. */
export class Service {
  /** Changes to its environment from the next start on; undefined removes a variable. */
  overrides: Record<string, string | undefined> = {}
  /** A command that starts it from the next start on, in place of us. It must become the service itself. */
  launcher: string[] = []
  #process: StartedProcess | undefined
  #supervised = true
  #failures = 0

  constructor(private readonly options: ServiceOptions) {}

  /** Process id; undefined while it is not running. */
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

  /** What it logged so far. */
  log(): Promise<string> {
    return readFile(this.options.logFile, 'utf8').catch(() => '')
  }

  /** Starts it, if it does not run, and looks after it from now on. Does not wait until it is ready. */
  start(): void {
    this.#supervised = true
    if (this.pid !== undefined) return
    // How often it died before, also by our own order, says nothing of this one.
    this.#failures = 0
    this.#spawn()
  }

  /**
   * Waits until it can take and record calls.
   *
   * @throws AppError `tool.failed` with the end of its log
   */
  async waitUntilReady(limit = READY_LIMIT_MS): Promise<void> {
    const gaveUp = () => this.#failures >= MAX_FAILED_STARTS
    if (await pollUntil(() => this.isReady(), limit, gaveUp)) return
    const words = (await this.log()).slice(-3_000)
    throw new AppError('tool.failed', `the service did not become ready:\n${words}`)
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.options.http}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(
      () => undefined,
    )
    await answer?.body?.cancel()
    return answer?.status === 200
  }

  /** Sends a signal. A service that dies of it comes back by itself; see {@link stopSupervising}. */
  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  /** From now on a service that has died stays dead, until {@link start}. */
  stopSupervising(): void {
    this.#supervised = false
  }

  /** Ends it in good order and keeps it down. Harmless when it is not running. */
  async stop(): Promise<void> {
    this.stopSupervising()
    // A frozen one could not hear the request.
    this.#process?.kill('SIGCONT')
    await this.#process?.end(['SIGTERM', 'SIGKILL'], STOP_LIMIT_MS)
  }

  /** Ends it in good order, starts it with what is in {@link overrides} by then, and waits until it is ready. */
  async restart(overrides = this.overrides): Promise<void> {
    await this.stop()
    this.overrides = overrides
    this.start()
    await this.waitUntilReady()
  }

  #spawn(): void {
    const log = openSync(this.options.logFile, 'a')
    const own = startProcess([...this.launcher, process.execPath, compiled('cli'), 'serve'], {
      env: this.env,
      log,
    })
    closeSync(log)
    this.#process = own
    const begun = performance.now()
    void own.ended.then(async () => {
      this.#failures = performance.now() - begun < 10_000 ? this.#failures + 1 : 0
      if (!this.#supervised) return
      await sleep(RESTART_DELAY_MS)
      // Somebody may have started or stopped it meanwhile.
      if (this.#supervised && this.#process === own) this.#spawn()
    })
  }
}
