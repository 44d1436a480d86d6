import { describeFailure, isRefusal } from '../../db/failure.js'
import type { Log } from '../../lib/log.js'
import type { JournalConnection } from './journal-connection.js'
import type { JournalCounts } from './journal-counts.js'
import type { Entry, Queue } from './queue.js'
import { isRefused, refused } from './refused.js'
import { probeInsert, writeBatch } from './write-batch.js'

/** Most events of one transaction. Many events share one disk sync, and the transaction still takes only some 20 ms. */
export const BATCH_EVENTS = 500

/** Sends batches over one connection, one after the other, and settles their entries. */
export class BatchSender {
  readonly #database: JournalConnection
  readonly #counts: JournalCounts
  readonly #log: Log
  /** Number of next entries to send one by one, because the database refused one of them. */
  #sendSingly = 0

  constructor(database: JournalConnection, counts: JournalCounts, log: Log) {
    this.#database = database
    this.#counts = counts
    this.#log = log
  }

  /**
   * Sends one batch. If the database cannot write it, its entries go back to the queue and the connection is cut. If the
   * database refuses it, its entries are sent again one by one, and the entry at fault is dropped.
   *
   * @param queue the queue of `take`
   * @param take takes the batch, of at most `maxEvents` events
   * @returns why the batch was not written, or undefined if it was committed or refused
   */
  async send(queue: Queue, take: (maxEvents: number) => Entry[]): Promise<string | undefined> {
    const batch = take(this.#sendSingly > 0 ? 1 : BATCH_EVENTS)
    for (const entry of batch) entry.sent = true
    const rows = batch.flatMap(entry => entry.rows)
    const types = new Set(batch.flatMap(entry => entry.types))
    try {
      await this.#database.withStallLimit(connection => writeBatch(connection, rows, types))
    } catch (error) {
      const reason = describeFailure(error)
      if (!isRefused(error)) return this.#unwritten(queue, batch, reason)
      this.#refused(queue, batch, reason)
      return undefined
    }
    this.#committed(queue, batch)
    return undefined
  }

  /** Tests whether a database that refused every event accepts one now. Writes nothing and counts no refusal. */
  async retestRefusals(): Promise<void> {
    try {
      await this.#database.withStallLimit(connection => probeInsert(connection))
      this.#counts.refusedInRow = 0
    } catch (error) {
      if (!isRefusal(error)) this.#database.cut()
    }
  }

  #committed(queue: Queue, batch: Entry[]): void {
    this.#database.markWorking()
    this.#sendSingly = Math.max(0, this.#sendSingly - batch.length)
    this.#counts.batches++
    this.#counts.refusedInRow = 0
    queue.finish(batch)
    for (const entry of batch) {
      this.#counts.committed += entry.rows.length
      entry.settle()
    }
  }

  #refused(queue: Queue, batch: Entry[], reason: string): void {
    if (batch.length > 1) {
      // The transaction was rolled back. All entries except the one at fault must still be written.
      for (const entry of batch) entry.sent = false
      putBack(queue, batch)
      this.#sendSingly = batch.length
      return
    }
    this.#sendSingly = Math.max(0, this.#sendSingly - 1)
    queue.finish(batch)
    for (const { rows, types, settle } of batch) {
      this.#counts.refused += rows.length
      this.#counts.refusedInRow += rows.length
      this.#log.error({ types, reason }, 'the journal refused an event')
      settle(refused(types, reason))
    }
  }

  #unwritten(queue: Queue, batch: Entry[], reason: string): string {
    this.#counts.retries++
    putBack(queue, batch)
    this.#database.cut()
    this.#log.warn({ reason, waiting: queue.events }, 'a batch was not written; it is sent again')
    return reason
  }
}

/** Ends a batch and puts its entries back, except abandoned ones. */
function putBack(queue: Queue, batch: Entry[]): void {
  queue.finish(batch)
  queue.putBack(batch.filter(entry => !entry.abandoned))
}
