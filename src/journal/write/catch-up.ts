import { systemClock } from '../../core/clock.js'
import { type EventType, event, withDeterministicId } from '../../core/events.js'
import type { EventSpool } from '../../core/ports.js'
import { encodeEvent } from './encode-event.js'
import type { JournalCounts } from './journal-counts.js'
import { type Entry, Queue } from './queue.js'
import type { Spooler } from './spooler.js'

/** Replays the events that an outage left in the spool. They enter the journal before newer events. */
export class CatchUp {
  /** The events to write next. Filled by `fillBatch`. */
  readonly batch = new Queue()
  readonly #spool: EventSpool
  readonly #spooler: Spooler
  readonly #counts: Readonly<JournalCounts>
  #replayed = 0
  #damaged = 0
  #droppedBefore = 0
  /** Time of the first replayed event, ISO 8601. */
  #since: string | undefined
  /** Id of the last replayed event. It identifies this outage. */
  #lastUuid = ''
  /** `#lastUuid` when `journal.caught-up` was added. */
  #reportedUuid: string | undefined

  constructor(spool: EventSpool, spooler: Spooler, counts: Readonly<JournalCounts>) {
    this.#spool = spool
    this.#spooler = spooler
    this.#counts = counts
  }

  /** Number of events that are not in the journal yet. */
  get events(): number {
    return this.batch.events + this.#spool.unread
  }

  /**
   * Fills `batch` from the spool. New events go into the spool too, until the rest fits into one batch. Then the spooler stops,
   * because under load the spool would otherwise never become empty. The last event of an outage is `journal.caught-up`. Its
   * id is derived from the last replayed event, so that it enters once however often the spool is replayed.
   *
   * @param maxEvents most events in the batch
   * @returns false once all events are written
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
    const since = this.#since
    const figures = { events: this.#replayed, damaged: this.#damaged, dropped, ...(since && { since }) }
    const caughtUp = event('journal.caught-up', null, systemClock.now(), figures)
    const deterministic = this.#lastUuid ? withDeterministicId(caughtUp, this.#lastUuid) : caughtUp
    this.batch.push(entryOf(encodeEvent(deterministic)))
    return true
  }

  /**
   * Destroys the spool, whose events are all in the journal.
   *
   * @throws AppError `store.unwritable`
   */
  async destroySpool(): Promise<void> {
    this.#replayed = this.#damaged = 0
    this.#droppedBefore = this.#counts.dropped
    this.#lastUuid = ''
    this.#since = undefined
    this.#reportedUuid = undefined
    await this.#spool.destroy()
  }

  /** @returns how many events were read */
  async #read(maxEvents: number): Promise<number> {
    const { rows, damaged } = await this.#spool.next(maxEvents)
    for (const row of rows) this.batch.push(entryOf(row))
    this.#replayed += rows.length
    this.#damaged += damaged
    const [first, last] = [rows[0], rows.at(-1)]
    if (first) this.#since ??= (JSON.parse(first) as { at: string }).at
    if (last) this.#lastUuid = (JSON.parse(last) as { uuid: string }).uuid
    return rows.length
  }
}

/** The entry of a spooled row. It counts as sent, because the row may be in the journal already. */
const entryOf = (row: string): Entry => ({
  rows: [row],
  types: [(JSON.parse(row) as { type: EventType }).type],
  calls: [],
  awaited: false,
  sent: true,
  abandoned: false,
  settle: () => undefined,
})
