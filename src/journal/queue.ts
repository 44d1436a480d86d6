import type { EventType } from '../shared/events.js'

/** Events that stand or fall together: those of one `append`, or a single one that was noted. */
export interface Entry {
  /** From `encodeEvent`. */
  readonly rows: readonly string[]
  readonly types: readonly EventType[]
  /** Somebody waits for the outcome, and acts on it. */
  readonly awaited: boolean
  /** It was handed to the database, so that it may be committed without our knowing. */
  sent: boolean
  /** Whoever waited has given up, and acts as if it were not there: never send it again. */
  abandoned: boolean
  /** Called once it is committed or in the spool, or with the error if it never will be. */
  settle(error?: Error): void
}

const eventsIn = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { rows }) => sum + rows.length, 0)

/** Entries in the order in which they came; those that have to be sent again go back to the front. */
export class Queue {
  #entries: Entry[] = []
  #events = 0

  /** Events that wait. */
  get events(): number {
    return this.#events
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
    this.#events += entry.rows.length
  }

  /** Takes entries from the front: one, and further ones while they fit into `maxEvents`. */
  take(maxEvents: number): Entry[] {
    let events = 0
    let count = 0
    for (const { rows } of this.#entries) {
      if (count > 0 && events + rows.length > maxEvents) break
      events += rows.length
      count++
    }
    this.#events -= events
    return this.#entries.splice(0, count)
  }

  putBack(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries]
    this.#events += eventsIn(entries)
  }

  /** Takes out every entry that `unwanted` says. */
  remove(unwanted: (entry: Entry) => boolean): Entry[] {
    const removed = this.#entries.filter(unwanted)
    if (removed.length > 0) {
      this.#entries = this.#entries.filter(entry => !unwanted(entry))
      this.#events -= eventsIn(removed)
    }
    return removed
  }
}
