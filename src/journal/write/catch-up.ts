import { systemClock } from '../../shared/clock.js'
import { type EventType, event, withDeterministicId } from '../../shared/events.js'
import type { EventSpool } from '../../shared/ports.js'
import { encodeEvent } from './encode-event.js'
import type { JournalCounts } from './journal-counts.js'
import { type Entry, Queue } from './queue.js'
import type { Spooler } from './spooler.js'

/** What a time without the database has left in the spool, on its way into the journal before anything newer. */
export class CatchUp {
  /** Events that are to be written next; empty until `more`. */
  readonly batch = new Queue()
  readonly #spool: EventSpool
  readonly #spooler: Spooler
  readonly #counts: Readonly<JournalCounts>
  #replayed = 0
  #damaged = 0
  #droppedBefore = 0
  /** The last event given, by which this one time is known. */
  #lastUuid = ''
  #reportedUuid: string | undefined

  constructor(spool: EventSpool, spooler: Spooler, counts: Readonly<JournalCounts>) {
    this.#spool = spool
    this.#spooler = spooler
    this.#counts = counts
  }

  /** Events that are not in the journal yet. */
  get events(): number {
    return this.batch.events + this.#spool.unread
  }

  /**
   * Fills `batch`. What comes while older events are being entered goes into the spool behind them, until the rest fits into
   * one batch: under calls its end would otherwise run ahead for ever. The last event says how much there was, once for the same events, however often they are brought.
   *
   * @returns false once all are written
   * @throws the operating system's errors
   */
  async fillBatch(maxEvents: number): Promise<boolean> {
    if (!this.batch.isEmpty) return true
    if ((await this.#read(maxEvents)) === maxEvents) return true
    await this.#spooler.stop()
    if (!this.batch.isEmpty || (await this.#read(maxEvents)) > 0) return true
    const dropped = this.#counts.dropped - this.#droppedBefore
    if (this.#replayed + this.#damaged + dropped === 0 || this.#reportedUuid === this.#lastUuid) return false
    this.#reportedUuid = this.#lastUuid
    const figures = { events: this.#replayed, damaged: this.#damaged, dropped }
    const told = event('journal.caught-up', null, systemClock.now(), figures)
    this.batch.push(entryOf(encodeEvent(this.#lastUuid ? withDeterministicId(told, this.#lastUuid) : told)))
    return true
  }

  /**
   * All is written: the spool is destroyed.
   * @throws AppError `store.unwritable`
   */
  async destroySpool(): Promise<void> {
    this.#replayed = this.#damaged = 0
    this.#droppedBefore = this.#counts.dropped
    this.#lastUuid = ''
    this.#reportedUuid = undefined
    await this.#spool.destroy()
  }

  /** @returns how many events were read */
  async #read(maxEvents: number): Promise<number> {
    const { rows, damaged } = await this.#spool.next(maxEvents)
    for (const row of rows) this.batch.push(entryOf(row))
    this.#replayed += rows.length
    this.#damaged += damaged
    const last = rows.at(-1)
    if (last) this.#lastUuid = (JSON.parse(last) as { uuid: string }).uuid
    return rows.length
  }
}

/** It may be in the journal already, and enters once. */
const entryOf = (row: string): Entry => ({
  rows: [row],
  types: [(JSON.parse(row) as { type: EventType }).type],
  calls: [],
  awaited: false,
  sent: true,
  abandoned: false,
  settle: () => undefined,
})
