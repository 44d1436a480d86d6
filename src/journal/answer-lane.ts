import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../shared/log.js'
import { Bell } from './bell.js'
import type { JournalCounts } from './counts.js'
import { IDLE_MS, Link } from './link.js'
import type { Queue } from './queue.js'
import { Sender } from './sender.js'

/**
 * A way of its own into the database for what a caller waits for: it shares no transaction with other calls' notes. What
 * waits of the same call goes with it.
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

  /** @param onSent called after each batch; with the reason if it did not get through, and waits again */
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

  /** It has its connection. */
  get isOpen(): boolean {
    return this.#link.connection !== undefined
  }

  /** Something may have come into the queue. */
  wake(): void {
    this.#bell.ring()
  }

  /** Ends once no batch is on its way. What waits is left to others. */
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
    // Why it cannot be reached is told by whoever writes everything else.
    if (!signal.aborted) await this.#link.open().catch(() => undefined)
  }
}
