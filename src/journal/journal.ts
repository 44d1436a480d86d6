import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { CallEvent, EventType } from '../core/events.js'
import type { DurableEventSink, EventSpool } from '../core/ports.js'
import type { Secret } from '../core/secret.js'
import { withDeadline } from '../lib/deadline.js'
import type { Log } from '../lib/log.js'
import { encodeEvent } from './write/encode-event.js'
import { type JournalCounts, refusesEveryEvent, zeroCounts } from './write/journal-counts.js'
import { type Entry, Queue } from './write/queue.js'
import { Writer } from './write/writer.js'

/** Most events that wait in memory while neither database nor spool can be written. At a kilobyte each that is 50 MB. */
const MAX_WAITING_EVENTS = 50_000

/** The log gets one line per this many lost events, so that a long outage does not fill the log as well. */
const DROPS_PER_LOG_LINE = 1_000

/**
 * The journal is the insert-only table of all events, and this class writes it. `appendIn` and the rotation of the
 * log's key bypass the class, because their events must be committed in a transaction of the caller. This room writes
 * events (`write/`), stores them on disk while the database is away (`spool/`), and reads calls back (`read/`).
 *
 * The events of one call are committed in the order in which they were given. One transaction takes many events when
 * they come faster than the disk can sync. Answers precede other calls' events. While the database is away, events wait
 * in the spool, or in memory if there is no spool. Each event enters the journal once.
 */
export class Journal implements DurableEventSink {
  readonly #queue = new Queue()
  readonly #counts = zeroCounts()
  readonly #log: Log
  readonly #spool: EventSpool | undefined
  readonly #writer: Writer
  readonly #running: Promise<void>
  #stopped = false
  #onIdle: (() => void)[] = []
  /** Events given to `noteDurably`. A lost event may be given again, but is observed and counted as lost only once. */
  readonly #given = new WeakSet<CallEvent>()
  #observe: (event: CallEvent) => void = () => {}

  constructor(url: Secret | string, log: Log, spool?: EventSpool) {
    this.#log = log
    this.#spool = spool
    this.#writer = new Writer(url, this.#queue, this.#counts, log, spool)
    this.#running = this.#writer.run(() => this.#resolveIdle())
  }

  get counts(): Readonly<JournalCounts> {
    return this.#counts
  }

  /** Events that wait for the database. */
  get waiting(): number {
    return this.#queue.events + this.spooled
  }

  /** Waiting events that are in the spool. */
  get spooled(): number {
    return this.#writer.spooled
  }

  /** Whether the database answered within the last seconds and has all events of the last outage. */
  get available(): boolean {
    return this.#writer.awayReason === undefined
  }

  /** Whether the database answers but refuses every event. The journal retries by itself. */
  get refusing(): boolean {
    return refusesEveryEvent(this.#counts)
  }

  /** Time since the database last answered, ms. */
  get databaseSilentMs(): number {
    return this.#writer.databaseSilentMs
  }

  /** Sets the callback for events of this process: noted ones at once, appended ones when they are committed. */
  onEvent(callback: (event: CallEvent) => void): void {
    this.#observe = callback
  }

  /**
   * Writes events in one transaction and waits until they are committed.
   *
   * @param timeoutMs longest wait, ms. Then events that were not sent are dropped; those already sent may still be committed.
   * @throws AppError `journal.timeout` (the events may be committed), `journal.unwritten` (they never will be),
   *   `journal.refused`, `db.unavailable` (at once, while the database is away)
   */
  async append(events: CallEvent[], timeoutMs: number): Promise<void> {
    if (events.length === 0) return
    const obstacle = this.#whyClosed()
    if (obstacle)
      throw new AppError('db.unavailable', `The journal cannot be written: ${obstacle}`, { retryable: true })
    const rows = this.#encode(events)
    if (!rows) throw new AppError('journal.refused', 'An event contains a value that JSON cannot express')
    let entry: Entry | undefined
    const committed = new Promise<void>((resolve, reject) => {
      entry = this.#enter(events, rows, true, error => (error ? reject(error) : resolve()))
    })
    const error = () => this.#giveUp(entry!, timeoutMs)
    await withDeadline(committed, { clock: systemClock, ms: timeoutMs, error })
    for (const event of events) this.#observe(event)
  }

  /** Writes events without waiting. Refused events are logged and counted. */
  note(...events: CallEvent[]): void {
    for (const event of events) {
      this.#note(event, () => undefined)
      this.#observe(event)
    }
  }

  /**
   * Writes an event. Resolves once it is committed, in the spool, or refused.
   * @throws AppError `journal.unwritten`, `db.unavailable` if the event is lost; then it may be given again
   */
  noteDurably(event: CallEvent): Promise<void> {
    const isNew = !this.#given.has(event)
    this.#given.add(event)
    if (isNew) this.#observe(event)
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) =>
        error === undefined || codeOf(error) === 'journal.refused' ? resolve() : reject(error)
      if (!this.#note(event, settle, isNew)) resolve()
    })
  }

  /** Resolves once all events given so far, and those spooled by an earlier process, are committed, refused or given up. */
  idle(): Promise<void> {
    const idle = new Promise<void>(resolve => {
      this.#onIdle.push(resolve)
      this.#writer.wake()
    })
    return Promise.race([idle, this.#running])
  }

  /** Writes waiting events for at most 5 s, leaves the rest in the spool, and closes. Repeated calls do nothing. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#writer.finish()
    await this.#running
    this.#failEntries(({ awaited }) => awaited)
    await this.#writer.spoolRemaining()
    this.#failEntries(() => true)
    await this.#spool?.close()
    this.#resolveIdle()
  }

  #failEntries(which: (entry: Entry) => boolean): void {
    for (const { types, settle } of this.#queue.remove(which)) {
      for (const type of types) this.#drop(type)
      settle(new AppError('db.unavailable', 'The journal was stopped before this was written'))
    }
  }

  /** @param isNew false if it was counted as lost before @returns false if the event can never be written */
  #note(event: CallEvent, settle: Entry['settle'], isNew = true): boolean {
    if (this.#stopped || this.#queue.events >= MAX_WAITING_EVENTS) {
      if (isNew) this.#drop(event.type)
      settle(
        new AppError('journal.unwritten', `The journal lost an event: ${this.#whyClosed()}`, {
          retryable: true,
        }),
      )
      return true
    }
    const rows = this.#encode([event])
    if (rows) this.#enter([event], rows, false, settle)
    return rows !== undefined
  }

  #whyClosed(): string | undefined {
    if (this.#stopped) return 'it was stopped'
    if (this.#queue.events >= MAX_WAITING_EVENTS) return 'too many events wait'
    return this.#writer.awayReason
  }

  #encode(events: CallEvent[]): string[] | undefined {
    try {
      return events.map(encodeEvent)
    } catch {
      this.#counts.refused += events.length
      this.#log.error(
        { types: events.map(({ type }) => type) },
        'an event contains a value that JSON cannot express',
      )
      return undefined
    }
  }

  #enter(events: CallEvent[], rows: string[], awaited: boolean, settle: Entry['settle']): Entry {
    const types = events.map(({ type }) => type)
    const calls = [...new Set(events.flatMap(({ call }) => call ?? []))]
    const entry: Entry = { rows, types, calls, awaited, sent: false, abandoned: false, settle }
    this.#queue.push(entry)
    this.#writer.wake()
    return entry
  }

  /** Removes an entry that was not committed in time from the queue. @returns the error for the waiting caller */
  #giveUp(entry: Entry, timeoutMs: number): AppError {
    entry.abandoned = true
    this.#queue.remove(waiting => waiting === entry)
    this.#counts.timeouts++
    const [code, known] = entry.sent
      ? (['journal.timeout', 'whether it was written is not known'] as const)
      : (['journal.unwritten', 'nothing of it was written'] as const)
    const message = `The journal did not confirm within ${timeoutMs} ms; ${known}`
    return new AppError(code, message, { retryable: true })
  }

  #drop(type: EventType): void {
    if (this.#counts.dropped++ % DROPS_PER_LOG_LINE === 0) {
      this.#log.error(
        { dropped: this.#counts.dropped, type },
        'events are lost: the journal is stopped or its queue is full; check database and spool',
      )
    }
  }

  #resolveIdle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

/**
 * Starts the journal. It connects in the background and reconnects whenever the connection is lost.
 *
 * @param url database, with the service's role
 * @param spool where events wait while the database is away, closed with the journal. Without a spool they wait in memory.
 */
export const startJournal = (url: Secret | string, log: Log, spool?: EventSpool): Journal =>
  new Journal(url, log, spool)
