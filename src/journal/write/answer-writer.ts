import { systemClock } from '../../core/clock.js'
import type { Log } from '../../lib/log.js'
import { sleep } from '../../lib/retry.js'
import { BatchSender } from './batch-sender.js'
import { IDLE_MS, JournalConnection } from './journal-connection.js'
import type { JournalCounts } from './journal-counts.js'
import type { Queue } from './queue.js'
import { WakeSignal } from './wake-signal.js'

/**
 * Writes answers over a connection of its own, because a caller waits in silence for each. Answers share no transaction with
 * notes of other calls. One batch holds an answer and the waiting events of the same call.
 */
export class AnswerWriter {
  readonly #queue: Queue
  readonly #log: Log
  readonly #database: JournalConnection
  readonly #sender: BatchSender
  readonly #onSent: (unwritten: string | undefined) => void
  readonly #wakeSignal = new WakeSignal()
  readonly #finishing = new AbortController()
  readonly #running: Promise<void>

  /** @param onSent called after each batch; with a reason if the batch was not written and waits again */
  constructor(
    url: ConstructorParameters<typeof JournalConnection>[0],
    queue: Queue,
    counts: JournalCounts,
    log: Log,
    onSent: (unwritten: string | undefined) => void,
  ) {
    this.#queue = queue
    this.#log = log
    this.#database = new JournalConnection(url, () => this.#wakeSignal.wake(), 'answers')
    this.#sender = new BatchSender(this.#database, counts, log)
    this.#onSent = onSent
    this.#running = this.#run()
  }

  /** Whether its connection is open. */
  get isOpen(): boolean {
    return this.#database.isOpen
  }

  /** Notifies the writer that the queue may have a new answer. */
  wake(): void {
    this.#wakeSignal.wake()
  }

  /** Stops writing. Resolves once no batch is in flight. Waiting entries stay in the queue. */
  async finish(): Promise<void> {
    this.#finishing.abort()
    this.#wakeSignal.wake()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#finishing
    while (!signal.aborted) {
      if (!this.isOpen) await this.#open(signal)
      else if (this.#queue.canTakeAnswers)
        this.#onSent(await this.#sender.send(this.#queue, max => this.#queue.takeAnswers(max)))
      else if (!(await this.#wakeSignal.sleep(IDLE_MS))) await this.#database.probe(this.#log)
    }
    await this.#database.close().catch(() => this.#database.cut())
  }

  async #open(signal: AbortSignal): Promise<void> {
    await sleep(systemClock, this.#database.retryDelayMs, signal)
    // `Writer` logs why the database cannot be reached.
    if (!signal.aborted) await this.#database.open().catch(() => undefined)
  }
}
