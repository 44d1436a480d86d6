import { setTimeout as pause } from 'node:timers/promises'
import { describeFailure } from '../../db/failure.js'
import { AppError } from '../../shared/errors.js'
import type { Log } from '../../shared/log.js'
import type { EventSpool } from '../../shared/ports.js'
import { AnswerWriter } from './answer-writer.js'
import { BATCH_EVENTS, BatchSender } from './batch-sender.js'
import { CatchUp } from './catch-up.js'
import { IDLE_MS, JournalConnection, RETRY_MS } from './journal-connection.js'
import { type JournalCounts, refusesEveryEvent } from './journal-counts.js'
import type { Queue } from './queue.js'
import { Spooler } from './spooler.js'
import { WakeSignal } from './wake-signal.js'

/** Connections for answers: while the disk syncs one answer, the next one waits in the database for the next sync. */
const ANSWER_WRITERS = 2

/**
 * Pause after a batch of notes, so that an answer seldom waits for a sync that is not its own. `times`: how many times as
 * long as the batch took. `longestMs`: most, ms. On a disk that syncs in 1 ms the pause is not noticeable.
 */
const NOTES_DELAY = { times: 3, longestMs: 250 }

/** A database that is there and has taken nothing for so long is as good as away, ms: by then another connection was tried. */
const STUCK_MS = 3_500

/** From a failure to read the spool to the next try, ms: whatever it is, it will not pass at once. */
const SPOOL_RETRY_MS = 1_000

/** How long the writer goes on trying once it is asked to finish, ms. */
const FINISH_MS = 5_000

/**
 * Empties the queue into the database: all that waits goes into one transaction, and what comes meanwhile into the next.
 * Answers go over connections of their own. A database that is away is tried again and again; a batch whose fate is unknown
 * is sent again, and enters once. Until the database is back and has taken all that came meanwhile, the queue is emptied into
 * the spool.
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
  /** The database was there once. */
  #connectedBefore = false
  /** End of the pause between batches of notes, by `performance.now()`, ms. */
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
    this.#awayReason = 'events of an earlier service come first'
    this.#spooler.start()
  }

  /** Why nothing can be written now; undefined while the database is there and has all that came before. */
  get awayReason(): string | undefined {
    return this.#awayReason
  }

  /** Events in the spool that are not in the journal yet. */
  get spooled(): number {
    return this.#catchUp?.events ?? 0
  }

  /** For how long nothing was heard of the database, ms; while nothing is wrong, little more than a second. */
  get databaseSilentMs(): number {
    return this.#database.silentMs
  }

  /** Something has come into the queue. */
  wake(): void {
    this.#wakeSignal.wake()
    this.#spooler?.wake()
    if (this.#queue.hasAnswers) for (const lane of this.#answerWriters) lane.wake()
  }

  /** Asks to write what waits, within a few seconds, and to end. */
  finish(): void {
    this.#finishBy = Math.min(this.#finishBy, performance.now() + FINISH_MS)
    this.#finishing.abort()
    for (const lane of this.#answerWriters) void lane.finish()
    this.#wakeSignal.wake()
  }

  /**
   * Works until it is asked to finish.
   *
   * @param onEmpty called whenever everything is written
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
    await Promise.all(this.#answerWriters.map(lane => lane.finish()))
    await this.#database.close()
  }

  /**
   * What is left goes into the spool, as far as that takes it. Once `run` has ended, and nobody waits for an event any more.
   */
  async spoolRemaining(): Promise<void> {
    await this.#spooler?.drain()
  }

  #isDrained(): boolean {
    return this.#queue.isDrained && (!this.#spooler || this.#awayReason === undefined)
  }

  /** Whether something waits that is not left to the answers' connections. */
  #hasNotes(): boolean {
    this.#queue.answersReserved = this.#answerWriters.some(lane => lane.isOpen)
    return this.#queue.canTake
  }

  /** Whether the pause goes on: nobody waits for an entry here, and all of them fit into one batch. */
  #mayDelayNotes(): boolean {
    const { answersReserved: answersApart, events, hasAwaitedNonAnswer: isAwaited } = this.#queue
    const mayWait = answersApart && !isAwaited && events < BATCH_EVENTS
    return mayWait && performance.now() < this.#notesDelayedUntil
  }

  #isOver(): boolean {
    if (!this.#finishing.signal.aborted) return false
    const left = this.#spooler && this.#awayReason !== undefined && !this.#database.isOpen
    return left || this.#isDrained() || performance.now() > this.#finishBy
  }

  /** Until something comes; meanwhile a database that stands still, and would not say so, is noticed. */
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
    if (signal.aborted) await pause(RETRY_MS.first)
    else await pause(this.#database.retryDelayMs, undefined, { signal }).catch(() => undefined)
    if (this.#isOver()) return
    try {
      await this.#database.open()
      // If events wait, their first batch is the test.
      if (this.#queue.isEmpty && this.spooled === 0) await this.#probe()
      if (!this.#database.isOpen) return
      const waiting = this.#queue.events + this.spooled
      if (this.#awayReason !== undefined)
        this.#log.info({ waiting }, `the journal has its database${this.#connectedBefore ? ' again' : ''}`)
      this.#connectedBefore = true
      if (!this.#catchUp) this.#awayReason = undefined
    } catch (error) {
      this.#declareAway((error as Error).message)
    }
  }

  /** Events of the time without the database, or, once all are in, none: then whoever waits for a commit is heard again. */
  async #writeSpooled(): Promise<void> {
    const catchUp = this.#catchUp!
    try {
      if (await catchUp.fillBatch(BATCH_EVENTS)) return await this.#write(catchUp.batch)
    } catch (error) {
      this.#log.error({ reason: describeFailure(error) }, 'the spool cannot be read; it is tried again')
      return pause(SPOOL_RETRY_MS)
    }
    await catchUp.destroySpool().catch(error => {
      this.#log.error(
        { reason: (error as Error).message },
        'all events are in, but the spool could not be destroyed',
      )
    })
    this.#awayReason = undefined
    this.#log.info('all events of the time without the database are in the journal')
  }

  async #writeNotes(): Promise<void> {
    const begun = performance.now()
    await this.#write(this.#queue)
    const now = performance.now()
    this.#notesDelayedUntil = now + Math.min((now - begun) * NOTES_DELAY.times, NOTES_DELAY.longestMs)
    for (const lane of this.#answerWriters) lane.wake()
  }

  async #write(queue: Queue): Promise<void> {
    const unwritten = await this.#sender.send(queue, max => queue.take(max))
    if (unwritten !== undefined) this.#declareAwayIfStuck(unwritten)
  }

  /** Treats a database as away that has taken nothing for `TAKES_NOTHING_MS`; it would keep callers in silence. */
  #declareAwayIfStuck(reason: string): void {
    if (this.#spooler && this.#database.unwritableMs > STUCK_MS) this.#declareAway(reason)
  }

  /** After a batch of answers: notes whether the database took it, and wakes whoever waited for entries of the same calls. */
  #answersSent(unwritten: string | undefined): void {
    if (unwritten === undefined) this.#database.markWritable()
    else if (this.#awayReason !== undefined) this.#failAnswers(this.#awayReason)
    this.wake()
  }

  /** Whoever waits for events is told at once, so that no caller stands in silence; what nobody waits for can be spooled. */
  #declareAway(reason: string): void {
    if (this.#awayReason === undefined)
      this.#log.error(
        { reason },
        this.#connectedBefore
          ? 'the journal has lost its database; events wait'
          : 'the journal waits for its database, and events with it',
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
