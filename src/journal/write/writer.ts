import { setTimeout as pause } from 'node:timers/promises'
import { describeFailure } from '../../db/failure.js'
import { AppError } from '../../shared/errors.js'
import type { Log } from '../../shared/log.js'
import type { EventSpool } from '../../shared/ports.js'
import { AnswerLane } from './answer-lane.js'
import { Bell } from './bell.js'
import { CatchUp } from './catch-up.js'
import { type JournalCounts, refusesAll } from './counts.js'
import { IDLE_MS, Link, RETRY_MS } from './link.js'
import type { Queue } from './queue.js'
import { BATCH_EVENTS, Sender } from './sender.js'
import { Spooler } from './spooler.js'

/** Connections for answers: while the disk syncs one answer, the next one waits in the database for the next sync. */
const ANSWER_LANES = 2

/**
 * Pause after a batch of notes, so that an answer seldom waits for a sync that is not its own. `times`: how many times as
 * long as the batch took. `longestMs`: most, ms. On a disk that syncs in 1 ms the pause is not noticeable.
 */
const REST = { times: 3, longestMs: 250 }

/** A database that is there and has taken nothing for so long is as good as away, ms: by then another connection was tried. */
const TAKES_NOTHING_MS = 3_500

/** From a failure to read the spool to the next try, ms: whatever it is, it will not pass at once. */
const REREAD_MS = 1_000

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
  readonly #link: Link
  readonly #sender: Sender
  readonly #lanes: readonly AnswerLane[]
  readonly #bell = new Bell()
  readonly #spooler: Spooler | undefined
  readonly #catchUp: CatchUp | undefined
  readonly #finishing = new AbortController()
  #finishBy = Number.POSITIVE_INFINITY
  #away: string | undefined
  /** The database was there once. */
  #reached = false
  /** End of the pause between batches of notes, by `performance.now()`, ms. */
  #restsUntil = 0

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
    this.#link = new Link(url, () => this.#bell.ring())
    this.#sender = new Sender(this.#link, counts, log)
    const sent = (unwritten: string | undefined) => this.#answersSent(unwritten)
    this.#lanes = Array.from({ length: ANSWER_LANES }, () => new AnswerLane(url, queue, counts, log, sent))
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
    this.#bell.ring()
    this.#spooler?.wake()
    if (this.#queue.answersWait) for (const lane of this.#lanes) lane.wake()
  }

  /** Asks to write what waits, within a few seconds, and to end. */
  finish(): void {
    this.#finishBy = Math.min(this.#finishBy, performance.now() + FINISH_MS)
    this.#finishing.abort()
    for (const lane of this.#lanes) void lane.finish()
    this.#bell.ring()
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
      else if (!this.#hasSome()) await this.#idle()
      else if (this.#mayRest()) await this.#bell.sleep(this.#restsUntil - performance.now())
      else await this.#writeNotes()
      if (this.#isDone()) onEmpty()
    }
    await this.#spooler?.rest()
    await Promise.all(this.#lanes.map(lane => lane.finish()))
    await this.#link.close()
  }

  /**
   * What is left goes into the spool, as far as that takes it. Once `run` has ended, and nobody waits for an event any more.
   */
  async leave(): Promise<void> {
    await this.#spooler?.drain()
  }

  #isDone(): boolean {
    return this.#queue.isDone && (!this.#spooler || this.#away === undefined)
  }

  /** Whether something waits that is not left to the answers' connections. */
  #hasSome(): boolean {
    this.#queue.answersApart = this.#lanes.some(lane => lane.isOpen)
    return this.#queue.hasSome
  }

  /** Whether the pause goes on: nobody waits for an entry here, and all of them fit into one batch. */
  #mayRest(): boolean {
    const { answersApart, events, isAwaited } = this.#queue
    const mayWait = answersApart && !isAwaited && events < BATCH_EVENTS
    return mayWait && performance.now() < this.#restsUntil
  }

  #isOver(): boolean {
    if (!this.#finishing.signal.aborted) return false
    const left = this.#spooler && this.#away !== undefined && !this.#link.connection
    return left || this.#isDone() || performance.now() > this.#finishBy
  }

  /** Until something comes; meanwhile a database that stands still, and would not say so, is noticed. */
  async #idle(): Promise<void> {
    if (!(await this.#bell.sleep(IDLE_MS))) await this.#prove()
  }

  async #prove(): Promise<void> {
    const fault = await this.#link.prove(this.#log, this.#queue.isDone)
    if (fault !== undefined) this.#goAwayIfStuck(fault)
    else if (refusesAll(this.#counts)) await this.#sender.tryAgain()
  }

  async #open(): Promise<void> {
    const { signal } = this.#finishing
    if (signal.aborted) await pause(RETRY_MS.first)
    else await pause(this.#link.wait, undefined, { signal }).catch(() => undefined)
    if (this.#isOver()) return
    try {
      await this.#link.open()
      // If events wait, their first batch is the test.
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
      if (await catchUp.more(BATCH_EVENTS)) return await this.#write(catchUp.batch)
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

  async #writeNotes(): Promise<void> {
    const begun = performance.now()
    await this.#write(this.#queue)
    const now = performance.now()
    this.#restsUntil = now + Math.min((now - begun) * REST.times, REST.longestMs)
    for (const lane of this.#lanes) lane.wake()
  }

  async #write(queue: Queue): Promise<void> {
    const unwritten = await this.#sender.send(queue, max => queue.take(max))
    if (unwritten !== undefined) this.#goAwayIfStuck(unwritten)
  }

  /** Treats a database as away that has taken nothing for `TAKES_NOTHING_MS`; it would keep callers in silence. */
  #goAwayIfStuck(reason: string): void {
    if (this.#spooler && this.#link.unprovedMs > TAKES_NOTHING_MS) this.#goAway(reason)
  }

  /** After a batch of answers: notes whether the database took it, and wakes whoever waited for entries of the same calls. */
  #answersSent(unwritten: string | undefined): void {
    if (unwritten === undefined) this.#link.takes()
    else if (this.#away !== undefined) this.#failAnswers(this.#away)
    this.wake()
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
    this.#queue.answersApart = false
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
