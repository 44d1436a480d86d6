import { systemClock } from '../../core/clock.js'
import { codeOf } from '../../core/errors.js'
import type { EventSpool } from '../../core/ports.js'
import type { Log } from '../../lib/log.js'
import { sleep } from '../../lib/retry.js'
import type { JournalCounts } from './journal-counts.js'
import type { Queue } from './queue.js'

/** Most events that are written and synced together. */
const BATCH_EVENTS = 1_000

/** Delay before the next attempt when the spool cannot be written, ms. Space may be freed, and no caller waits for it. */
const RETRY_MS = 1_000

/** Moves waiting entries from the queue into the spool. Entries that the spool cannot take stay in the queue. */
export class Spooler {
  readonly #queue: Queue
  readonly #spool: EventSpool
  readonly #counts: JournalCounts
  readonly #log: Log
  #stopping: AbortController | undefined
  #moving: Promise<void> = Promise.resolve()
  #failing = false
  #wake: () => void = () => undefined

  constructor(queue: Queue, spool: EventSpool, counts: JournalCounts, log: Log) {
    this.#queue = queue
    this.#spool = spool
    this.#counts = counts
    this.#log = log
  }

  /** From now on all waiting and arriving entries go into the spool. None of them may be awaited. */
  start(): void {
    if (this.#stopping) return
    this.#stopping = new AbortController()
    this.#moving = this.#run(this.#stopping.signal)
  }

  /** Notifies the spooler of a new entry in the queue. */
  wake(): void {
    this.#wake()
  }

  /** Stops moving entries. Resolves once no write is in flight. */
  async stop(): Promise<void> {
    this.#stopping?.abort()
    this.#wake()
    await this.#moving
    this.#stopping = undefined
  }

  /** Moves the entries that wait now, until the spool fails. Call it only while the spooler is stopped. */
  async drain(): Promise<void> {
    while (this.#queue.canTake && (await this.#moveNext()));
  }

  async #run(resting: AbortSignal): Promise<void> {
    while (!resting.aborted) {
      if (!this.#queue.canTake) await this.#sleep()
      else if (!(await this.#moveNext())) await sleep(systemClock, RETRY_MS, resting)
    }
  }

  #sleep(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  async #moveNext(): Promise<boolean> {
    const batch = this.#queue.take(BATCH_EVENTS)
    const rows = batch.flatMap(entry => entry.rows)
    try {
      await this.#spool.append(rows)
      this.#counts.spooled += rows.length
      this.#queue.finish(batch)
      for (const { settle } of batch) settle()
      this.#failing = false
      return true
    } catch (error) {
      this.#queue.putBack(batch)
      if (!this.#failing)
        this.#log.error({ code: codeOf(error), reason: (error as Error).message }, SPOOL_UNWRITABLE)
      this.#failing = true
      return false
    }
  }
}

const SPOOL_UNWRITABLE = 'the spool cannot be written: events wait in memory; free space in the data folder'
