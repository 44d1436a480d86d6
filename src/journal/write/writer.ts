import { systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { EventSpool } from '../../core/ports.js'
import { describeFailure } from '../../db/failure.js'
import type { Log } from '../../lib/log.js'
import { sleep } from '../../lib/retry.js'
import { CatchUp } from './catch-up.js'
import { type JournalCounts, refusesEveryEvent } from './journal-counts.js'
import type { Queue } from './queue.js'
import { Spooler } from './spooler.js'
import { BATCH_EVENTS, BatchSender, IDLE_MS, JournalConnection, RETRY_MS } from './write-batch.js'

/** Connections for answers. While the disk syncs one answer, the next one already waits in the database. */
const ANSWER_WRITERS = 2

/**
 * Delay after a batch of notes, so that an answer seldom waits for the sync of a note. The delay is `times` times as
 * long as the batch took, at most `longestMs` ms. On a disk that syncs in 1 ms it is not noticeable.
 */
const NOTES_DELAY = { times: 3, longestMs: 250 }

/** A database that answers but has accepted no event for this long counts as away, ms. By then a second connection was tried. */
const STUCK_MS = 3_500

/** Delay before the next attempt to read the spool, ms. The cause of a failed read seldom passes at once. */
const SPOOL_RETRY_MS = 1_000

/** Longest time that the writer continues after `finish`, ms. */
const FINISH_MS = 5_000

/**
 * Moves events from the queue into the database. One transaction takes the events that wait; events that arrive
 * meanwhile go into the next one. Answers use connections of their own. While the database is away, the writer keeps
 * reconnecting, and events go into the spool until the database has all older ones. A batch with unknown outcome is
 * sent again, and its events enter once.
 */
export class Writer {
  readonly #queue: Queue
  readonly #counts: JournalCounts
  readonly #log: Log
  readonly #database: JournalConnection
  readonly #sender: BatchSender
  readonly #answerWriters: readonly AnswerWriter[]
  readonly #wakeSignal = new WakeSignal()
  readonly #spooler: Spooler | undefined
  readonly #catchUp: CatchUp | undefined
  readonly #finishing = new AbortController()
  #finishBy = Number.POSITIVE_INFINITY
  #awayReason: string | undefined
  /** The database was reached at least once. */
  #connectedBefore = false
  /** End of the delay between batches of notes, by `performance.now()`, ms. */
  #notesDelayedUntil = 0

  constructor(
    url: ConstructorParameters<typeof JournalConnection>[0],
    queue: Queue,
    counts: JournalCounts,
    log: Log,
    spool?: EventSpool,
  ) {
    this.#queue = queue
    this.#counts = counts
    this.#log = log
    this.#database = new JournalConnection(url, () => this.#wakeSignal.wake())
    this.#sender = new BatchSender(this.#database, counts, log)
    const sent = (unwritten: string | undefined) => this.#answersSent(unwritten)
    this.#answerWriters = Array.from(
      { length: ANSWER_WRITERS },
      () => new AnswerWriter(url, queue, counts, log, sent),
    )
    if (!spool) return
    this.#spooler = new Spooler(queue, spool, counts, log)
    this.#catchUp = new CatchUp(spool, this.#spooler, counts)
    if (spool.unread === 0) return
    this.#awayReason = 'events of the previous service must be written first'
    this.#spooler.start()
  }

  /** Why events cannot be committed now. Undefined while the database answers and has all older events. */
  get awayReason(): string | undefined {
    return this.#awayReason
  }

  /** Number of spooled events that are not in the journal yet. */
  get spooled(): number {
    return this.#catchUp?.events ?? 0
  }

  /** Time since the database last answered, ms. Little more than 1 s in normal operation. */
  get databaseSilentMs(): number {
    return this.#database.silentMs
  }

  /** Notifies the writer of a new entry in the queue. */
  wake(): void {
    this.#wakeSignal.wake()
    this.#spooler?.wake()
    if (this.#queue.hasAnswers) for (const writer of this.#answerWriters) writer.wake()
  }

  /** Asks the writer to end once the waiting entries are written, or after `FINISH_MS`. */
  finish(): void {
    this.#finishBy = Math.min(this.#finishBy, performance.now() + FINISH_MS)
    this.#finishing.abort()
    for (const writer of this.#answerWriters) void writer.finish()
    this.#wakeSignal.wake()
  }

  /**
   * Writes until `finish` is called.
   *
   * @param onEmpty called whenever every event is written
   */
  async run(onEmpty: () => void): Promise<void> {
    while (!this.#isOver()) {
      if (!this.#database.isOpen) await this.#open()
      else if (this.#awayReason !== undefined) await this.#writeSpooled()
      else if (!this.#hasNotes()) await this.#idle()
      else if (this.#mayDelayNotes())
        await this.#wakeSignal.sleep(this.#notesDelayedUntil - performance.now())
      else await this.#writeNotes()
      if (this.#isDrained()) onEmpty()
    }
    await this.#spooler?.stop()
    await Promise.all(this.#answerWriters.map(writer => writer.finish()))
    await this.#database.close()
  }

  /** Moves the remaining entries into the spool, until the spool fails. Call it after `run`, when no entry is awaited. */
  async spoolRemaining(): Promise<void> {
    await this.#spooler?.drain()
  }

  #isDrained(): boolean {
    return this.#queue.isDrained && (!this.#spooler || this.#awayReason === undefined)
  }

  /** Whether an entry waits that is not reserved for the answer writers. */
  #hasNotes(): boolean {
    this.#queue.answersReserved = this.#answerWriters.some(writer => writer.isOpen)
    return this.#queue.canTake
  }

  /** Whether the delay continues: no note is awaited, and all notes fit into one batch. */
  #mayDelayNotes(): boolean {
    const { answersReserved: answersApart, events, hasAwaitedNonAnswer: isAwaited } = this.#queue
    const mayWait = answersApart && !isAwaited && events < BATCH_EVENTS
    return mayWait && performance.now() < this.#notesDelayedUntil
  }

  #isOver(): boolean {
    if (!this.#finishing.signal.aborted) return false
    const canSpoolRest = this.#spooler && this.#awayReason !== undefined && !this.#database.isOpen
    return canSpoolRest || this.#isDrained() || performance.now() > this.#finishBy
  }

  /** Sleeps until an entry arrives. Tests an idle connection, because a database that hangs does not report it. */
  async #idle(): Promise<void> {
    if (!(await this.#wakeSignal.sleep(IDLE_MS))) await this.#probe()
  }

  async #probe(): Promise<void> {
    const fault = await this.#database.probe(this.#log, this.#queue.isDrained)
    if (fault !== undefined) this.#declareAwayIfStuck(fault)
    else if (refusesEveryEvent(this.#counts)) await this.#sender.retestRefusals()
  }

  async #open(): Promise<void> {
    const { signal } = this.#finishing
    if (signal.aborted) await sleep(systemClock, RETRY_MS.first)
    else await sleep(systemClock, this.#database.retryDelayMs, signal)
    if (this.#isOver()) return
    try {
      await this.#database.open()
      // If events wait, their first batch tests the connection.
      if (this.#queue.isEmpty && this.spooled === 0) await this.#probe()
      if (!this.#database.isOpen) return
      const waiting = this.#queue.events + this.spooled
      if (this.#awayReason !== undefined)
        this.#log.info(
          { waiting },
          `the journal is connected to its database${this.#connectedBefore ? ' again' : ''}`,
        )
      this.#connectedBefore = true
      if (!this.#catchUp) this.#awayReason = undefined
    } catch (error) {
      this.#declareAway((error as Error).message)
    }
  }

  /** Writes the next batch of spooled events. Once all are written, the journal accepts appends again. */
  async #writeSpooled(): Promise<void> {
    const catchUp = this.#catchUp!
    try {
      if (await catchUp.fillBatch(BATCH_EVENTS)) return await this.#write(catchUp.batch)
    } catch (error) {
      this.#log.error({ reason: describeFailure(error) }, 'the spool cannot be read; the journal retries')
      return sleep(systemClock, SPOOL_RETRY_MS)
    }
    await catchUp.destroySpool().catch(error => {
      this.#log.error(
        { reason: (error as Error).message },
        'all spooled events are in the journal, but the spool could not be destroyed',
      )
    })
    this.#awayReason = undefined
    this.#log.info('all events of the outage are in the journal')
  }

  async #writeNotes(): Promise<void> {
    const begun = performance.now()
    await this.#write(this.#queue)
    const now = performance.now()
    this.#notesDelayedUntil = now + Math.min((now - begun) * NOTES_DELAY.times, NOTES_DELAY.longestMs)
    for (const writer of this.#answerWriters) writer.wake()
  }

  async #write(queue: Queue): Promise<void> {
    const unwritten = await this.#sender.send(queue, max => queue.take(max))
    if (unwritten !== undefined) this.#declareAwayIfStuck(unwritten)
  }

  /** Declares the database away if it has accepted nothing for `STUCK_MS`. Otherwise callers would wait in silence. */
  #declareAwayIfStuck(reason: string): void {
    if (this.#spooler && this.#database.unwritableMs > STUCK_MS) this.#declareAway(reason)
  }

  /** After a batch of answers: notes whether the database wrote it, and wakes the writers of other entries of the same calls. */
  #answersSent(unwritten: string | undefined): void {
    if (unwritten === undefined) this.#database.markWritable()
    else if (this.#awayReason !== undefined) this.#failAnswers(this.#awayReason)
    this.wake()
  }

  /** Fails awaited entries at once, so that no caller waits in silence. The other entries are spooled. */
  #declareAway(reason: string): void {
    if (this.#awayReason === undefined)
      this.#log.error(
        { reason },
        this.#connectedBefore
          ? 'the journal has lost its database; events wait until it is back'
          : 'the journal cannot reach its database yet; events wait until it can',
      )
    this.#awayReason = reason
    this.#queue.answersReserved = false
    this.#failAnswers(reason)
    this.#spooler?.start()
  }

  #failAnswers(reason: string): void {
    for (const { sent, settle } of this.#queue.remove(({ awaited }) => awaited)) {
      const [code, message] = sent
        ? (['journal.timeout', `${reason}; whether it was written is not known`] as const)
        : (['db.unavailable', reason] as const)
      settle(new AppError(code, message, { retryable: true }))
    }
  }
}

/**
 * Writes answers over a connection of its own, because a caller waits in silence for each. Answers share no transaction with
 * notes of other calls. One batch holds an answer and the waiting events of the same call.
 */
class AnswerWriter {
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

/** Suspends one task until another one wakes it. */
class WakeSignal {
  #wake: () => void = () => undefined

  /** Ends the current sleep, if there is one. */
  wake(): void {
    this.#wake()
  }

  /**
   * Sleeps until `wake` is called.
   *
   * @param ms longest sleep, ms
   * @returns false if `ms` passed without a call of `wake`
   */
  sleep(ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}
