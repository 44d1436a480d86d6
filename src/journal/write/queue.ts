import type { EventType } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'

/** Events of one transaction: those of one `append`, or a single noted event. */
export interface Entry {
  /** From `encodeEvent`. */
  readonly rows: readonly string[]
  readonly types: readonly EventType[]
  /** The calls that the events are about, without repetition. Empty for events of the service itself. */
  readonly calls: readonly CallId[]
  /** A caller of `append` waits for the outcome. */
  readonly awaited: boolean
  /** The entry was sent to the database, so that it may be committed although no answer came. */
  sent: boolean
  /** The caller of `append` has given up and treats the events as absent. The entry must not be sent again. */
  abandoned: boolean
  /** Called without an error once the entry is committed or in the spool, otherwise with the error. */
  settle(error?: Error): void
}

const eventsIn = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { rows }) => sum + rows.length, 0)

function addTo(counts: Map<CallId, number>, call: CallId, sign: 1 | -1): void {
  const count = (counts.get(call) ?? 0) + sign
  if (count > 0) counts.set(call, count)
  else counts.delete(call)
}

/** An awaited entry about exactly one call is an answer. */
const isAnswer = ({ awaited, calls }: Entry): boolean => awaited && calls.length === 1

/**
 * Entries that wait for the database, first in, first out. Several senders take from one queue. While an entry of a call is in
 * flight, no other entry of that call can be taken, so that the events of a call keep their order. A sender must call `finish`
 * or `putBack` with all entries that it took.
 */
export class Queue {
  #entries: Entry[] = []
  #events = 0
  #answers = 0
  #awaited = 0
  /** Number of waiting answers by call. */
  readonly #callsWithAnswer = new Map<CallId, number>()
  /** Number of waiting entries that a call shares with another call, by call. */
  readonly #callsSharingEntry = new Map<CallId, number>()
  readonly #callsInFlight = new Set<CallId>()
  /** If set, answers and the entries of the same calls are reserved for `takeAnswers`, and `take` skips them. */
  answersReserved = false

  /** Number of waiting events. */
  get events(): number {
    return this.#events
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Whether an awaited entry waits that is not an answer. */
  get hasAwaitedNonAnswer(): boolean {
    return this.#awaited > this.#answers
  }

  /** Whether no entry waits and none is in flight. */
  get isDrained(): boolean {
    return this.isEmpty && this.#callsInFlight.size === 0
  }

  /** Whether `take` would return entries. */
  get canTake(): boolean {
    return this.#select(1, this.#takeFilter()).size > 0
  }

  /** Whether an answer waits, even if `takeAnswers` cannot take it yet. */
  get hasAnswers(): boolean {
    return this.#answers > 0
  }

  /** Whether `takeAnswers` would return entries. */
  get canTakeAnswers(): boolean {
    return this.#answers > 0 && this.#select(1, this.#takeAnswersFilter()).size > 0
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
    this.#count([entry], 1)
  }

  /** Takes entries from the front: at least one, and more while all of them hold at most `maxEvents` events. */
  take(maxEvents: number): Entry[] {
    return this.#takeOut(this.#select(maxEvents, this.#takeFilter()))
  }

  /** Takes answers and the waiting entries of the same calls. @param maxEvents as for `take` */
  takeAnswers(maxEvents: number): Entry[] {
    return this.#takeOut(this.#select(maxEvents, this.#takeAnswersFilter()))
  }

  /** Ends the flight of taken entries. */
  finish(entries: readonly Entry[]): void {
    for (const { calls } of entries) for (const call of calls) this.#callsInFlight.delete(call)
  }

  /** Ends the flight of taken entries and returns them to the front. */
  putBack(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries]
    this.#count(entries, 1)
    this.finish(entries)
  }

  /** Removes the entries for which `unwanted` is true, and returns them. */
  remove(unwanted: (entry: Entry) => boolean): Entry[] {
    const removed = this.#entries.filter(unwanted)
    if (removed.length > 0) {
      this.#entries = this.#entries.filter(entry => !unwanted(entry))
      this.#count(removed, -1)
    }
    return removed
  }

  #takeFilter(): (entry: Entry) => boolean {
    if (!this.answersReserved || this.#answers === 0) return () => true
    return ({ calls }) => !calls.some(call => this.#isReserved(call))
  }

  #takeAnswersFilter(): (entry: Entry) => boolean {
    return ({ calls }) => calls.some(call => this.#isReserved(call))
  }

  /** Whether entries of this call are reserved: an answer of the call waits, and it shares no entry with another call. */
  #isReserved(call: CallId): boolean {
    return this.#callsWithAnswer.has(call) && !this.#callsSharingEntry.has(call)
  }

  /** The first `wanted` entries, as many as fit, at least one. Never skips an earlier entry of the same call. */
  #select(maxEvents: number, wanted: (entry: Entry) => boolean): Set<Entry> {
    const selected = new Set<Entry>()
    const skipped = new Set<CallId>()
    let events = 0
    for (const entry of this.#entries) {
      const { calls, rows } = entry
      if (!wanted(entry) || calls.some(call => this.#callsInFlight.has(call) || skipped.has(call))) {
        for (const call of calls) skipped.add(call)
        continue
      }
      if (selected.size > 0 && events + rows.length > maxEvents) break
      selected.add(entry)
      events += rows.length
    }
    return selected
  }

  #takeOut(selected: Set<Entry>): Entry[] {
    const entries = [...selected]
    if (entries.length === 0) return entries
    // Usually all of them are at the front. `splice` then saves a pass over a long queue.
    const atFront = this.#entries[entries.length - 1] === entries.at(-1)
    if (atFront) this.#entries.splice(0, entries.length)
    else this.#entries = this.#entries.filter(entry => !selected.has(entry))
    this.#count(entries, -1)
    for (const { calls } of entries) for (const call of calls) this.#callsInFlight.add(call)
    return entries
  }

  #count(entries: readonly Entry[], sign: 1 | -1): void {
    this.#events += sign * eventsIn(entries)
    this.#answers += sign * entries.filter(isAnswer).length
    this.#awaited += sign * entries.filter(({ awaited }) => awaited).length
    for (const entry of entries) {
      const counts = isAnswer(entry)
        ? this.#callsWithAnswer
        : entry.calls.length > 1
          ? this.#callsSharingEntry
          : undefined
      if (counts) for (const call of entry.calls) addTo(counts, call, sign)
    }
  }
}
