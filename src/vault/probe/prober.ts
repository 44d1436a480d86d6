import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../core/errors.js'
import { USUAL_PATH } from '../../lib/process/child-env.js'
import { type ProbeAnswer, type ProbeKind, type ProbeSettings, readProbeAnswer } from './messages.js'

const entry = fileURLToPath(new URL('./main.js', import.meta.url))

/**
 * The environment of the prober. It gets none of the service's variables, because these contain passwords. It needs one thread
 * for each volume that may hang.
 */
const environment = { PATH: USUAL_PATH, UV_THREADPOOL_SIZE: '32' }
/** Small heap limits in MB, because the prober keeps almost nothing in memory. */
const flags = ['--max-old-space-size=32', '--max-semi-space-size=1']

/** Gets how long the work of a question has been under way, ms, by the prober's own clock. */
type UnderWay = (ms: number) => void

interface PendingAnswer {
  underWay: UnderWay
  resolve(answer: ProbeAnswer): void
  reject(error: Error): void
}

/**
 * Tests store, key store and prompts in another process, so that a disk that hangs blocks no thread of the service. The process
 * starts with the first question.
 */
export class Prober {
  readonly #settings: ProbeSettings
  readonly #program: string
  readonly #pending = new Map<number, PendingAnswer>()
  #child: ChildProcess | undefined
  #lastNumber = 0
  #stopped = false

  /** @param program file of the prober */
  constructor(settings: ProbeSettings, program = entry) {
    this.#program = program
    const { marking } = settings
    // The prober makes no folders. It checks a mark only when a question needs the volume.
    this.#settings = {
      ...settings,
      marking: 'id' in marking ? { id: marking.id, ifMissing: 'refuse at use' } : marking,
    }
  }

  /** Same as the methods of `AppendStore`, but a promise stays pending while the disk hangs. */
  readonly store = {
    checkWritable: async (purpose: string, underWay?: UnderWay): Promise<void> =>
      void (await this.#ask('store', purpose, underWay)),
    room: async (purpose: string) => (await this.#ask('room', purpose)).room,
  }

  readonly keyStore = {
    checkWritable: async (purpose: string, underWay?: UnderWay): Promise<void> =>
      void (await this.#ask('keys', purpose, underWay)),
  }

  readonly prompts = {
    /** @throws AppError if the folder of prompts or a folder in it cannot be listed */
    checkReadable: async (underWay?: UnderWay): Promise<void> =>
      void (await this.#ask('prompts', '', underWay)),
  }

  /** Process id; undefined while no prober runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Kills the process, even if a disk hangs. Pending questions fail. */
  stop(): void {
    this.#stopped = true
    this.#child?.kill('SIGKILL')
  }

  async #ask(what: ProbeKind, purpose: string, underWay: UnderWay = () => {}): Promise<ProbeAnswer> {
    // If the prober was killed, its end does not mean that a disk fails. Ask a new prober once.
    const askOnce = () => this.#askOnce(what, purpose, underWay)
    const answer = await askOnce().catch(askOnce)
    if (answer.error !== undefined) throw new AppError('store.unwritable', answer.error, { retryable: true })
    return answer
  }

  #askOnce(what: ProbeKind, purpose: string, underWay: UnderWay): Promise<ProbeAnswer> {
    const n = ++this.#lastNumber
    return new Promise<ProbeAnswer>((resolve, reject) => {
      this.#pending.set(n, { underWay, resolve, reject })
      this.#runningChild()?.stdin?.write(`${JSON.stringify({ n, what, purpose })}\n`)
    })
  }

  #runningChild(): ChildProcess | undefined {
    if (this.#stopped) this.#failAll('the service is stopping')
    else this.#child ??= this.#start()
    return this.#child
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [...flags, this.#program], {
      cwd: '/',
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let why = 'the prober ended'
    const onEnd = () => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#failAll(`the storage could not be tested: ${why}`)
    }
    child.once('error', onEnd)
    child.once('exit', onEnd)
    // Without a free file descriptor `spawn` makes no pipes, and an `error` event follows.
    if (!(child.stdin as Writable | undefined)) return child
    child.stdin.on('error', () => {})
    child.stdin.write(`${JSON.stringify(this.#settings)}\n`)
    createInterface({ input: child.stdout }).on('line', line => {
      const answer = readProbeAnswer(line)
      // Its next answers cannot be trusted either. Its end fails what waits, and the next question starts another one.
      if (!answer) {
        why = 'the prober wrote what is no answer'
        child.kill('SIGKILL')
        return
      }
      const pending = this.#pending.get(answer.n)
      if (answer.underWayMs !== undefined) return pending?.underWay(answer.underWayMs)
      pending?.resolve(answer)
      this.#pending.delete(answer.n)
    })
    return child
  }

  #failAll(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(reason))
    this.#pending.clear()
  }
}
