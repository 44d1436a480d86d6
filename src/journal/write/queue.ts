import type { EventType } from '../../shared/events.js'
import type { CallId } from '../../shared/ids.js'

/** Events that stand or fall together: those of one `append`, or a single one that was noted. */
export interface Entry {
  /** From `encodeEvent`. */
  readonly rows: readonly string[]
  readonly types: readonly EventType[]
  /** The calls that the events are about, each once; none for events of the service itself. */
  readonly calls: readonly CallId[]
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

function addTo(counts: Map<CallId, number>, call: CallId, sign: 1 | -1): void {
  const count = (counts.get(call) ?? 0) + sign
  if (count > 0) counts.set(call, count)
  else counts.delete(call)
}

/** Whether an entry is an answer: somebody waits for it, and it is about one call. */
const isAnswer = ({ awaited, calls }: Entry): boolean => awaited && calls.length === 1

/**
 * Entries in the order in which they came; those that have to be sent again go back to the front. Several senders may take from
 * it. As long as events of a call are on their way, nobody gets another entry of that call, so that the events of one call keep
 * their order. Whoever takes entries calls `done` or `putBack` with them.
 */
export class Queue {
  #entries: Entry[] = []
  #events = 0
  #answers = 0
  #awaited = 0
  /** Calls with an answer that waits, and in how many entries. */
  readonly #callsWithAnswer = new Map<CallId, number>()
  /** Calls that share an entry with another call, and in how many entries. */
  readonly #callsSharingEntry = new Map<CallId, number>()
  /** Calls with events on their way. */
  readonly #callsInFlight = new Set<CallId>()
  /** Answers are taken by `takeAnswers`, with whatever else waits of their calls; `take` leaves these entries alone. */
  answersReserved = false

  /** Events that wait. */
  get events(): number {
    return this.#events
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Whether somebody waits for an entry that is no answer. */
  get hasAwaitedNonAnswer(): boolean {
    return this.#awaited > this.#answers
  }

  /** Nothing waits, and nothing is on its way. */
  get isDrained(): boolean {
    return this.isEmpty && this.#callsInFlight.size === 0
  }

  /** Whether `take` would give something. */
  get canTake(): boolean {
    return this.#select(1, this.#takeFilter()).size > 0
  }

  /** Whether an answer waits, even if `takeAnswers` does not give it yet. */
  get hasAnswers(): boolean {
    return this.#answers > 0
  }

  /** Whether `takeAnswers` would give something. */
  get canTakeAnswers(): boolean {
    return this.#answers > 0 && this.#select(1, this.#takeAnswersFilter()).size > 0
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
    this.#count([entry], 1)
  }

  /** Takes entries from the front: one, and further ones while they fit into `maxEvents`. */
  take(maxEvents: number): Entry[] {
    return this.#takeOut(this.#select(maxEvents, this.#takeFilter()))
  }

  /** Takes answers, and with each one what waits of its call. @param maxEvents as for `take` */
  takeAnswers(maxEvents: number): Entry[] {
    return this.#takeOut(this.#select(maxEvents, this.#takeAnswersFilter()))
  }

  /** These are no longer on their way. */
  finish(entries: readonly Entry[]): void {
    for (const { calls } of entries) for (const call of calls) this.#callsInFlight.delete(call)
  }

  putBack(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries]
    this.#count(entries, 1)
    this.finish(entries)
  }

  /** Takes out every entry that `unwanted` says. */
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

  /**
   * Whether entries of this call are left to `takeAnswers`: an answer of it waits, and no entry is shared with another call.
   */
  #isReserved(call: CallId): boolean {
    return this.#callsWithAnswer.has(call) && !this.#callsSharingEntry.has(call)
  }

  /** The first entries that are `wanted`, as many as fit, at least one; never past an entry of the same call. */
  #select(maxEvents: number, wanted: (entry: Entry) => boolean): Set<Entry> {
    const selected = new Set<Entry>()
    const passed = new Set<CallId>()
    let events = 0
    for (const entry of this.#entries) {
      const { calls, rows } = entry
      if (!wanted(entry) || calls.some(call => this.#callsInFlight.has(call) || passed.has(call))) {
        for (const call of calls) passed.add(call)
        continue
      }
      if (selected.size > 0 && events + rows.length > maxEvents) break
      selected.add(entry)
      events += rows.length
    }
    return selected
  }

  #takeOut(selected: Set<Entry>): Entry[] {
    const taken = [...selected]
    if (taken.length === 0) return taken
    // Mostly they are all at the front, and the queue may be long.
    const atFront = this.#entries[taken.length - 1] === taken.at(-1)
    if (atFront) this.#entries.splice(0, taken.length)
    else this.#entries = this.#entries.filter(entry => !selected.has(entry))
    this.#count(taken, -1)
    for (const { calls } of taken) for (const call of calls) this.#callsInFlight.add(call)
    return taken
  }

  #count(entries: readonly Entry[], sign: 1 | -1): void {
    this.#events += sign * eventsIn(entries)
    this.#answers += sign * entries.filter(isAnswer).length
    this.#awaited += sign * entries.filter(({ awaited }) => awaited).length
    for (const entry of entries) {
      const of = isAnswer(entry)
        ? this.#callsWithAnswer
        : entry.calls.length > 1
          ? this.#callsSharingEntry
          : undefined
      if (of) for (const call of entry.calls) addTo(of, call, sign)
    }
  }
}
