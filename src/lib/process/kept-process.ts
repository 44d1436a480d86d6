import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Clock } from '../../core/clock.js'
import { waitAtMost } from '../deadline.js'
import type { Log } from '../log.js'
import { standBack } from './stand-back.js'

/** Time until the next start, ms: after the first end, the second and so on. A long life resets it to the first. */
const WAITS_MS = [1_000, 2_000, 5_000, 15_000, 60_000]
/** Life after which a start counts as successful, ms. */
const LONG_LIFE_MS = 60_000
/** How long the process may take to end after the order to end, ms. */
const ENDING_MS = 3_000

export interface KeptProcessOptions {
  /** Names the process in the log. */
  name: string
  /** Program and its arguments. */
  command: readonly [string, ...string[]]
  env: Readonly<Record<string, string>>
  /** Priority below other processes: 0 to 19 (`nice`). */
  niceness: number
  clock: Pick<Clock, 'after' | 'elapsed'>
  log: Log
  /** Called with each process that starts, to talk with it. */
  onStart?(child: ChildProcess): void
  /** Called when the process has ended, unless it was stopped. */
  onEnd?(): void
}

/**
 * A child process that is restarted when it ends. It has a channel to this process (`process.on('disconnect')`),
 * through which it notices the end of this process.
 */
export class KeptProcess {
  readonly #options: KeptProcessOptions
  #child: ChildProcess | undefined
  #cancelNext = () => {}
  #ends = 0
  #stopped = false

  constructor(options: KeptProcessOptions) {
    this.#options = options
    this.#start()
  }

  /** Process id; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Kills the process, because it hangs. It is started again. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Ends it: by SIGTERM, and by SIGKILL if it does not end within 3 s. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelNext()
    const child = this.#child
    if (!child) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    if (!(await waitAtMost(this.#options.clock, ENDING_MS, ended))) child.kill('SIGKILL')
  }

  #start(): void {
    const { name, command, env, niceness, clock, log, onStart, onEnd } = this.#options
    const [program, ...words] = command
    const began = clock.elapsed()
    const child = spawn(program, words, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    if (child.pid !== undefined) standBack(child.pid, niceness)
    const ended = (code: number | null, reason?: string) => {
      if (this.#child !== child) return
      this.#child = undefined
      if (this.#stopped) return
      onEnd?.()
      this.#ends = clock.elapsed() - began > LONG_LIFE_MS ? 0 : this.#ends
      const waitMs = WAITS_MS[Math.min(this.#ends, WAITS_MS.length - 1)]!
      this.#ends += 1
      log.error(
        { process: name, code, waitMs, ...(reason && { reason }) },
        'a process ended, and is started again',
      )
      this.#cancelNext = clock.after(waitMs, () => this.#start())
    }
    child.once('error', error => ended(null, error.message))
    child.once('exit', code => ended(code))
    onStart?.(child)
  }
}
