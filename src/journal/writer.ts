import { setTimeout as pause } from 'node:timers/promises'
import { describeFailure, isRefusal, lacksSchema } from '../db/failure.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import type { EventSpool } from '../shared/ports.js'
import { CatchUp } from './catch-up.js'
import type { JournalCounts } from './counts.js'
import { Link, RETRY_MS } from './link.js'
import type { Entry, Queue } from './queue.js'
import { Spooler } from './spooler.js'
import { writeBatch } from './write-batch.js'

/** Events of one transaction: enough that the disk's sync is shared by all, few enough that it takes some 20 ms. */
const BATCH_EVENTS = 500

/** A database of which nothing was wanted for so long is asked whether it is still there, ms. */
const IDLE_MS = 1_000

/** A database that is there and has taken nothing for so long is as good as away, ms: by then another connection was tried. */
const TAKES_NOTHING_MS = 3_500

/** From a failure to read the spool to the next try, ms: whatever it is, it will not pass at once. */
const REREAD_MS = 1_000

/** So many events refused in a row, and none taken: the database refuses whatever comes. */
const REFUSES_ALL = 3

/** How long the writer goes on trying once it is asked to finish, ms. */
const FINISH_MS = 5_000

/**
 * Empties the queue into the database: all that waits goes into one transaction, and what comes meanwhile into the next.
 * A database that is away is tried again and again; a batch whose fate is unknown is sent again, and enters once. Until it
 * is back, and has taken all that came meanwhile, the queue is emptied into the spool.
 */
export class Writer {
  readonly #queue: Queue
  readonly #counts: JournalCounts
  readonly #log: Log
  readonly #link: Link
  readonly #spooler: Spooler | undefined
  readonly #catchUp: CatchUp | undefined
  readonly #finishing = new AbortController()
  #finishBy = Number.POSITIVE_INFINITY
  #away: string | undefined
  /** The database was there once. */
  #reached = false
  /** Entries at the front that are sent one by one, because one of them was refused. */
  #suspects = 0
  /** Events refused since the last one that was taken. */
  #refusedInRow = 0
  #wake: () => void = () => undefined

  constructor(
    url: ConstructorParameters<typeof Link>[0],
    queue: Queue,
    counts: JournalCounts,
    log: Log,
    spool?: EventSpool,
  ) {
    this.#queue = queue
    this.#counts = counts
    this.#log = log
    this.#link = new Link(url, () => this.#wake())
    if (!spool) return
    this.#spooler = new Spooler(queue, spool, counts, log)
    this.#catchUp = new CatchUp(spool, this.#spooler, counts)
    if (spool.unread === 0) return
    this.#away = 'events of an earlier service come first'
    this.#spooler.start()
  }

  /** Why nothing can be written now; undefined while the database is there and has all that came before. */
  get away(): string | undefined {
    return this.#away
  }

  /** Whether the database refuses whatever it is given. */
  get refusing(): boolean {
    return this.#refusedInRow >= REFUSES_ALL
  }

  /** Events in the spool that are not in the journal yet. */
  get spooled(): number {
    return this.#catchUp?.events ?? 0
  }

  /** For how long nothing was heard of the database, ms; while nothing is wrong, little more than a second. */
  get unheardMs(): number {
    return this.#link.unheardMs
  }

  /** Something has come into the queue. */
  wake(): void {
    this.#wake()
    this.#spooler?.wake()
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
      else if (this.#away !== undefined) await this.#writeOlder()
      else if (this.#queue.isEmpty) await this.#idle()
      else await this.#writeNext(this.#queue)
      if (this.#isEmpty()) onEmpty()
    }
    await this.#spooler?.rest()
    await this.#link.close()
  }

  /** What is left goes into the spool, as far as that takes it. Once `run` has ended, and nobody waits for an event any more. */
  async leave(): Promise<void> {
    await this.#spooler?.drain()
  }

  #isEmpty(): boolean {
    return this.#queue.isEmpty && (!this.#spooler || this.#away === undefined)
  }

  #isOver(): boolean {
    if (!this.#finishing.signal.aborted) return false
    const left = this.#spooler && this.#away !== undefined && !this.#link.connection
    return left || this.#isEmpty() || performance.now() > this.#finishBy
  }

  /** Until something comes; meanwhile a database that stands still, and would not say so, is noticed. */
  async #idle(): Promise<void> {
    if (!(await this.#sleep())) await this.#prove()
  }

  /** @returns false if nothing has come */
  #sleep(): Promise<boolean> {
    return new Promise(resolve => {
      const over = setTimeout(() => resolve(false), IDLE_MS)
      this.#wake = () => {
        clearTimeout(over)
        resolve(true)
      }
    })
  }

  /** A batch without events: the database answers, has our tables, and lets us write to them. */
  #tryEmpty(): Promise<unknown> {
    return this.#link.use(connection => writeBatch(connection, [], new Set()))
  }

  async #prove(): Promise<void> {
    try {
      await this.#tryEmpty()
      this.#link.proved()
    } catch (error) {
      this.#link.cut()
      const reason = describeFailure(error)
      this.#log.warn({ reason }, 'the database does not answer, or takes nothing; it is reached anew')
      if (this.#takesNothing) this.#goAway(reason)
    }
  }

  /** It has taken nothing for so long that waiting would keep callers in silence. */
  get #takesNothing(): boolean {
    return this.#spooler !== undefined && this.#link.unprovedMs > TAKES_NOTHING_MS
  }

  async #open(): Promise<void> {
    const { signal } = this.#finishing
    if (signal.aborted) await pause(RETRY_MS.first)
    else await pause(this.#link.wait, undefined, { signal }).catch(() => undefined)
    if (this.#isOver()) return
    try {
      await this.#link.open()
      // Where events wait, the first batch of them tells.
      if (this.#queue.isEmpty && this.spooled === 0) await this.#prove()
      if (!this.#link.connection) return
      const waiting = this.#queue.events + this.spooled
      if (this.#away !== undefined)
        this.#log.info({ waiting }, `the journal has its database${this.#reached ? ' again' : ''}`)
      this.#reached = true
      if (!this.#catchUp) this.#away = undefined
    } catch (error) {
      this.#goAway((error as Error).message)
    }
  }

  /** Events of the time without the database, or, once all are in, none: then whoever waits for a commit is heard again. */
  async #writeOlder(): Promise<void> {
    const catchUp = this.#catchUp!
    try {
      if (await catchUp.more(BATCH_EVENTS)) return await this.#writeNext(catchUp.batch)
    } catch (error) {
      this.#log.error({ reason: describeFailure(error) }, 'the spool cannot be read; it is tried again')
      return pause(REREAD_MS)
    }
    await catchUp.finish().catch(error => {
      this.#log.error(
        { reason: (error as Error).message },
        'all events are in, but the spool could not be destroyed',
      )
    })
    this.#away = undefined
    this.#log.info('all events of the time without the database are in the journal')
  }

  async #writeNext(queue: Queue): Promise<void> {
    const batch = queue.take(this.#suspects > 0 ? 1 : BATCH_EVENTS)
    for (const entry of batch) entry.sent = true
    const rows = batch.flatMap(entry => entry.rows)
    const types = new Set(batch.flatMap(entry => entry.types))
    try {
      await this.#link.use(connection => writeBatch(connection, rows, types))
      this.#committed(batch)
    } catch (error) {
      // A schema that is not ours, or closed to us, is the database's condition: nothing of an event would pass it, and none is lost.
      if (isRefusal(error) && !lacksSchema(error)) this.#refused(queue, batch, describeFailure(error))
      else this.#unwritten(queue, batch, describeFailure(error))
    }
  }

  #committed(batch: Entry[]): void {
    this.#link.proved()
    this.#suspects = Math.max(0, this.#suspects - batch.length)
    this.#counts.batches++
    this.#refusedInRow = 0
    for (const entry of batch) {
      this.#counts.committed += entry.rows.length
      entry.settle()
    }
  }

  #refused(queue: Queue, batch: Entry[], reason: string): void {
    if (batch.length > 1) {
      // The transaction is undone: nothing of it is in the journal, and all but the culprit shall enter.
      for (const entry of batch) entry.sent = false
      queue.putBack(batch.filter(entry => !entry.abandoned))
      this.#suspects = batch.length
      return
    }
    this.#suspects = Math.max(0, this.#suspects - 1)
    for (const { rows, types, settle } of batch) {
      this.#counts.refused += rows.length
      this.#refusedInRow += rows.length
      this.#log.error({ types, reason }, 'the journal refused an event')
      settle(new AppError('journal.refused', `The journal refused ${types.join(', ')}: ${reason}`))
    }
  }

  #unwritten(queue: Queue, batch: Entry[], reason: string): void {
    this.#counts.retries++
    queue.putBack(batch.filter(entry => !entry.abandoned))
    this.#link.cut()
    this.#log.warn({ reason, waiting: this.#queue.events }, 'a batch was not written; it is sent again')
    if (this.#takesNothing) this.#goAway(reason)
  }

  /** Whoever waits for events is told at once, so that no caller stands in silence; what nobody waits for can be spooled. */
  #goAway(reason: string): void {
    if (this.#away === undefined)
      this.#log.error(
        { reason },
        this.#reached
          ? 'the journal has lost its database; events wait'
          : 'the journal waits for its database, and events with it',
      )
    this.#away = reason
    for (const { sent, settle } of this.#queue.remove(({ awaited }) => awaited)) {
      const [code, message] = sent
        ? (['journal.timeout', `${reason}; whether it was written is not known`] as const)
        : (['db.unavailable', reason] as const)
      settle(new AppError(code, message, { retryable: true }))
    }
    this.#spooler?.start()
  }
}
