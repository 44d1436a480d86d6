import { setTimeout as pause } from 'node:timers/promises'
import { describeFailure, isRefusal } from '../db/failure.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import type { JournalCounts } from './counts.js'
import { Link, RETRY_MS } from './link.js'
import type { Entry, Queue } from './queue.js'
import { writeBatch } from './write-batch.js'

/** Events of one transaction: enough that the disk's sync is shared by all, few enough that it takes some 20 ms. */
const BATCH_EVENTS = 500

/**
 * How long one transaction may take, ms. A sync that a checkpoint holds up takes hundreds; a database that has not answered
 * after this long is stuck, and over another connection it may not be.
 */
const STALL_MS = 2_000

/** How long the writer goes on trying once it is asked to finish, ms. */
const FINISH_MS = 5_000

/**
 * Empties the queue into the database: all that waits goes into one transaction, and what comes meanwhile into the next.
 * A database that is away is tried again and again; a batch whose fate is unknown is sent again, and enters once.
 */
export class Writer {
  readonly #queue: Queue
  readonly #counts: JournalCounts
  readonly #log: Log
  readonly #link: Link
  readonly #finishing = new AbortController()
  #finishBy = Number.POSITIVE_INFINITY
  #away: string | undefined
  /** Entries at the front that are sent one by one, because one of them was refused. */
  #suspects = 0
  #wake: () => void = () => undefined

  constructor(url: ConstructorParameters<typeof Link>[0], queue: Queue, counts: JournalCounts, log: Log) {
    this.#queue = queue
    this.#counts = counts
    this.#log = log
    this.#link = new Link(url, () => this.#wake())
  }

  /** Why nothing can be written now; undefined while the database is there. */
  get away(): string | undefined {
    return this.#away
  }

  /** Something has come into the queue. */
  wake(): void {
    this.#wake()
  }

  /** Asks to write what waits, within a few seconds, and to end. */
  finish(): void {
    this.#finishBy = Math.min(this.#finishBy, performance.now() + FINISH_MS)
    this.#finishing.abort()
    this.#wake()
  }

  /**
   * Works until it is asked to finish.
   *
   * @param onEmpty called whenever everything is written
   */
  async run(onEmpty: () => void): Promise<void> {
    while (!this.#isOver()) {
      if (!this.#link.connection) await this.#open()
      else if (this.#queue.isEmpty) await this.#sleep()
      else await this.#writeNext()
      if (this.#queue.isEmpty) onEmpty()
    }
    await this.#link.close()
  }

  #isOver(): boolean {
    return this.#finishing.signal.aborted && (this.#queue.isEmpty || performance.now() > this.#finishBy)
  }

  #sleep(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  async #open(): Promise<void> {
    const { signal } = this.#finishing
    if (signal.aborted) await pause(RETRY_MS.first)
    else await pause(this.#link.wait, undefined, { signal }).catch(() => undefined)
    if (this.#isOver()) return
    try {
      await this.#link.open()
      if (this.#away) this.#log.info({ waiting: this.#queue.events }, 'the journal has its database again')
      this.#away = undefined
    } catch (error) {
      this.#goAway((error as Error).message)
    }
  }

  async #writeNext(): Promise<void> {
    const connection = this.#link.connection!
    const batch = this.#queue.take(this.#suspects > 0 ? 1 : BATCH_EVENTS)
    for (const entry of batch) entry.sent = true
    const stall = setTimeout(() => this.#link.cut(), STALL_MS)
    try {
      await writeBatch(
        connection,
        batch.flatMap(entry => entry.rows),
        new Set(batch.flatMap(entry => entry.types)),
      )
      this.#committed(batch)
    } catch (error) {
      if (isRefusal(error)) this.#refused(batch, describeFailure(error))
      else this.#unwritten(batch, describeFailure(error))
    } finally {
      clearTimeout(stall)
    }
  }

  #committed(batch: Entry[]): void {
    this.#link.proved()
    this.#suspects = Math.max(0, this.#suspects - batch.length)
    this.#counts.batches++
    for (const entry of batch) {
      this.#counts.committed += entry.rows.length
      entry.settle()
    }
  }

  #refused(batch: Entry[], reason: string): void {
    if (batch.length > 1) {
      // The transaction is undone: nothing of it is in the journal, and all but the culprit shall enter.
      for (const entry of batch) entry.sent = false
      this.#queue.putBack(batch.filter(entry => !entry.abandoned))
      this.#suspects = batch.length
      return
    }
    this.#suspects = Math.max(0, this.#suspects - 1)
    for (const { rows, types, settle } of batch) {
      this.#counts.refused += rows.length
      this.#log.error({ types, reason }, 'the journal refused an event')
      settle(new AppError('journal.refused', `The journal refused ${types.join(', ')}: ${reason}`))
    }
  }

  #unwritten(batch: Entry[], reason: string): void {
    this.#counts.retries++
    this.#queue.putBack(batch.filter(entry => !entry.abandoned))
    this.#link.cut()
    this.#log.warn({ reason, waiting: this.#queue.events }, 'a batch was not written; it is sent again')
  }

  /** Whoever waits for events that were never sent is told at once, so that no caller stands in silence. */
  #goAway(reason: string): void {
    if (!this.#away) this.#log.error({ reason }, 'the journal has lost its database; events wait')
    this.#away = reason
    for (const entry of this.#queue.remove(({ awaited, sent }) => awaited && !sent)) {
      entry.settle(new AppError('db.unavailable', reason, { retryable: true }))
    }
  }
}
