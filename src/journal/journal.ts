import { AppError, codeOf } from '../shared/errors.js'
import type { CallEvent } from '../shared/events.js'
import type { Log } from '../shared/log.js'
import type { EventSpool, LastingSink } from '../shared/ports.js'
import type { Secret } from '../shared/secret.js'
import { type JournalCounts, noCounts, refusesAll } from './counts.js'
import { encodeEvent } from './encode.js'
import { type Entry, Queue } from './queue.js'
import { Writer } from './writer.js'

/** Events that may wait in memory while neither database nor spool takes them: at a kilobyte each 50 MB. */
const WAITING_EVENTS = 50_000

/** One line in the log for so many lost events: a database that stays away must not fill the log as well. */
const DROPS_A_LINE = 1_000

/**
 * The one way into the journal. Events of each call are committed in the order in which they were given, many in one
 * transaction when they come faster than the disk can sync. Answers go before other calls' events. While the database is away
 * events wait, in the spool if there is one, and enter once when it is back.
 */
export class Journal implements LastingSink {
  readonly #queue = new Queue()
  readonly #counts = noCounts()
  readonly #log: Log
  readonly #spool: EventSpool | undefined
  readonly #writer: Writer
  readonly #running: Promise<void>
  #stopped = false
  #onIdle: (() => void)[] = []

  constructor(url: Secret | string, log: Log, spool?: EventSpool) {
    this.#log = log
    this.#spool = spool
    this.#writer = new Writer(url, this.#queue, this.#counts, log, spool)
    this.#running = this.#writer.run(() => this.#tellIdle())
  }

  get counts(): Readonly<JournalCounts> {
    return this.#counts
  }

  /** Events that wait for the database. */
  get waiting(): number {
    return this.#queue.events + this.spooled
  }

  /** Those of them that are in the spool. */
  get spooled(): number {
    return this.#writer.spooled
  }

  /** Whether the database is there, as far as was heard within some seconds, and has all that came while it was not. */
  get available(): boolean {
    return this.#writer.away === undefined
  }

  /** Whether the database refuses every event, so that nothing enters though it is there. It is tried again by itself. */
  get refusing(): boolean {
    return refusesAll(this.#counts)
  }

  /** For how long nothing was heard of the database, ms. */
  get unheardMs(): number {
    return this.#writer.unheardMs
  }

  /**
   * Enters events that stand or fall together, and waits until they are committed.
   *
   * @param timeoutMs after which they are taken back; if they were already on their way they may be committed all the same
   * @throws AppError `journal.timeout` (they may be committed), `journal.unwritten` (they never will be), `journal.refused`,
   *   `db.unavailable` (at once, while the database is away)
   */
  append(events: CallEvent[], timeoutMs: number): Promise<void> {
    if (events.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const obstacle = this.#obstacle()
      if (obstacle) {
        reject(new AppError('db.unavailable', `The journal takes nothing: ${obstacle}`, { retryable: true }))
        return
      }
      const rows = this.#encode(events)
      if (!rows) {
        reject(new AppError('journal.refused', 'An event holds what JSON cannot express'))
        return
      }
      const timer = setTimeout(() => this.#giveUp(entry, timeoutMs), timeoutMs)
      const entry = this.#enter(events, rows, true, error => {
        clearTimeout(timer)
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** Enters events without waiting; what is refused is logged and counted. */
  note(...events: CallEvent[]): void {
    for (const event of events) this.#note(event, () => undefined)
  }

  /** Enters an event without waiting; resolves once it is committed, in the spool, or refused. Never if it is lost. */
  keep(event: CallEvent): Promise<void> {
    return new Promise(resolve => {
      const isLost = (error?: Error) => error !== undefined && codeOf(error) !== 'journal.refused'
      if (!this.#note(event, error => isLost(error) || resolve())) resolve()
    })
  }

  /** Resolves once everything given so far, and what an earlier process has left, is committed, refused or given up. */
  idle(): Promise<void> {
    const idle = new Promise<void>(resolve => {
      this.#onIdle.push(resolve)
      this.#writer.wake()
    })
    return Promise.race([idle, this.#running])
  }

  /** Writes what waits, for some seconds if need be, leaves the rest in the spool, and closes. Harmless when repeated. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#writer.finish()
    await this.#running
    this.#giveUpAll(({ awaited }) => awaited)
    await this.#writer.leave()
    this.#giveUpAll(() => true)
    await this.#spool?.close()
    this.#tellIdle()
  }

  #giveUpAll(which: (entry: Entry) => boolean): void {
    for (const { rows, settle } of this.#queue.remove(which)) {
      for (const _ of rows) this.#drop()
      settle(new AppError('db.unavailable', 'The journal was stopped before this was written'))
    }
  }

  /** @returns false if the event can never be written */
  #note(event: CallEvent, settle: Entry['settle']): boolean {
    if (this.#stopped || this.#queue.events >= WAITING_EVENTS) {
      this.#drop()
      return true
    }
    const rows = this.#encode([event])
    if (rows) this.#enter([event], rows, false, settle)
    return rows !== undefined
  }

  #obstacle(): string | undefined {
    if (this.#stopped) return 'it is stopped'
    if (this.#queue.events >= WAITING_EVENTS) return 'too many events wait'
    return this.#writer.away
  }

  #encode(events: CallEvent[]): string[] | undefined {
    try {
      return events.map(encodeEvent)
    } catch {
      this.#counts.refused += events.length
      this.#log.error({ types: events.map(({ type }) => type) }, 'an event holds what JSON cannot express')
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

  #giveUp(entry: Entry, timeoutMs: number): void {
    entry.abandoned = true
    this.#queue.remove(waiting => waiting === entry)
    this.#counts.timeouts++
    const [code, known] = entry.sent
      ? (['journal.timeout', 'whether it was written is not known'] as const)
      : (['journal.unwritten', 'nothing of it was written'] as const)
    const message = `The journal did not confirm within ${timeoutMs} ms; ${known}`
    entry.settle(new AppError(code, message, { retryable: true }))
  }

  #drop(): void {
    if (this.#counts.dropped++ % DROPS_A_LINE === 0) {
      this.#log.error({ dropped: this.#counts.dropped }, 'events are lost: the journal cannot take them')
    }
  }

  #tellIdle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

/**
 * Starts the journal; it connects by itself, and again whenever it has to.
 *
 * @param url connects as the service's role
 * @param spool where events wait while the database is away; closed with the journal. Without one they wait in memory alone
 */
export const startJournal = (url: Secret | string, log: Log, spool?: EventSpool): Journal =>
  new Journal(url, log, spool)
