import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../../shared/log.js'
import { Bell } from './bell.js'
import type { JournalCounts } from './counts.js'
import { IDLE_MS, Link } from './link.js'
import type { Queue } from './queue.js'
import { Sender } from './sender.js'

/**
 * Writes answers, for which a caller waits, over a connection of its own. They share no transaction with other calls' notes. An
 * answer goes in one batch with the events of the same call that wait before it.
 */
export class AnswerLane {
  readonly #queue: Queue
  readonly #log: Log
  readonly #link: Link
  readonly #sender: Sender
  readonly #onSent: (unwritten: string | undefined) => void
  readonly #bell = new Bell()
  readonly #finishing = new AbortController()
  readonly #running: Promise<void>

  /** @param onSent called after each batch; with a reason if the batch was not written and waits again */
  constructor(
    url: ConstructorParameters<typeof Link>[0],
    queue: Queue,
    counts: JournalCounts,
    log: Log,
    onSent: (unwritten: string | undefined) => void,
  ) {
    this.#queue = queue
    this.#log = log
    this.#link = new Link(url, () => this.#bell.ring(), 'answers')
    this.#sender = new Sender(this.#link, counts, log)
    this.#onSent = onSent
    this.#running = this.#run()
  }

  /** Whether it has its connection. */
  get isOpen(): boolean {
    return this.#link.connection !== undefined
  }

  /** Makes it look at the queue, to which something may have come. */
  wake(): void {
    this.#bell.ring()
  }

  /** Stops; resolves once no batch is on its way. What waits in the queue stays there. */
  async finish(): Promise<void> {
    this.#finishing.abort()
    this.#bell.ring()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#finishing
    while (!signal.aborted) {
      if (!this.isOpen) await this.#open(signal)
      else if (this.#queue.hasAnswers)
        this.#onSent(await this.#sender.send(this.#queue, max => this.#queue.takeAnswers(max)))
      else if (!(await this.#bell.sleep(IDLE_MS))) await this.#link.prove(this.#log)
    }
    await this.#link.close().catch(() => this.#link.cut())
  }

  async #open(signal: AbortSignal): Promise<void> {
    await pause(this.#link.wait, undefined, { signal }).catch(() => undefined)
    // The writer of notes logs why the database cannot be reached.
    if (!signal.aborted) await this.#link.open().catch(() => undefined)
  }
}
