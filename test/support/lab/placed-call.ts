import { Caller, type CallerOptions } from '../../../lab/caller.js'
import { AUDIBLE_DBFS } from '../../../lab/media/received-audio.js'
import type { EventType } from '../../../src/core/events.js'
import type { CallFilter } from '../../../src/journal/read/call-rows.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { waitUntilHeard } from '../assertions/heard-words.js'
import { CallInJournal } from './call-in-journal.js'
import type { CallLab } from './call-lab.js'

/** Longest time to wait for anything, ms: a caller hears every prompt, on a busy machine. */
const WAIT_LIMIT_MS = 90_000
/** Audio this soon after the start of a question may be the end of the prompt before it, ms. */
const TAIL_MS = 100
/** The same after an event that stops a prompt, ms: the PBX is ordered to stop it only then. */
const LONG_TAIL_MS = 1_000
/** How much of the service's log an error shows, characters. */
const LOG_TAIL_CHARS = 3_000

type JournalledEvent = CallTimeline['events'][number]
type Fits = (event: JournalledEvent) => boolean

let callers = 0

/** One real call and its timeline in the journal. */
export class PlacedCall {
  private constructor(
    private readonly from: CallLab,
    readonly caller: Caller,
    private readonly by: CallFilter,
    private readonly journal: CallInJournal,
    /** The caller's number: eleven digits that no other call has, unless it was given. */
    readonly number: string,
  ) {}

  /**
   * Dials, by default from a number that no other call has.
   *
   * @param by finds the call in the journal; by the caller's number by default
   */
  static async place(from: CallLab, dial: Omit<CallerOptions, 'sip'>, by?: CallFilter): Promise<PlacedCall> {
    const number = dial.from ?? `7999${String(process.pid % 10_000).padStart(4, '0')}${100 + ++callers}`
    const caller = await Caller.call({ ...dial, from: number, sip: from.lab.pbx.sip })
    const finds = by ?? { caller: number }
    return new PlacedCall(from, caller, finds, new CallInJournal(from, finds, by === undefined), number)
  }

  /** @returns the call's timeline; undefined before the journal has an event of it */
  read(): Promise<CallTimeline | undefined> {
    return this.journal.read()
  }

  /** Waits until the journal has an event of this type for which `fits` is true. */
  async waitForEvent(type: EventType, fits: Fits = () => true): Promise<JournalledEvent> {
    return this.#until(`${type} is journalled`, ({ events }) =>
      events.find(event => event.type === type && fits(event)),
    )
  }

  /** Waits until the caller hears the n-th question. */
  async waitForQuestion(n = 1): Promise<void> {
    const asked = await this.#until(
      `question ${n} is put`,
      ({ events }) => events.filter(({ type }) => type === 'consent.asked')[n - 1],
    )
    await this.#heardSince(asked, TAIL_MS)
  }

  /** Waits until the caller hears the prompt that follows the event of this type. The prompt must be longer than a second. */
  async waitForPromptAfter(type: EventType): Promise<void> {
    await this.#heardSince(await this.waitForEvent(type), LONG_TAIL_MS)
  }

  /** On a busy machine the prompt may be over before the journal is read, so what was heard since the event counts. */
  async #heardSince({ at }: JournalledEvent, tailMs: number): Promise<void> {
    await this.caller.heard.waitForAudio(WAIT_LIMIT_MS, AUDIBLE_DBFS, Date.parse(at) + tailMs)
  }

  /** Waits until the call has returned to the dialplan and the caller has heard the agent's sentence. */
  async waitForAgent(): Promise<void> {
    const { at } = await this.waitForEvent('call.released')
    const from = Date.parse(String(at)) - 500
    if (await waitUntilHeard(this.caller.heard, this.from.sentence, WAIT_LIMIT_MS, from)) return
    throw new Error(`the agent is not heard in the call with ${JSON.stringify(this.by)}`)
  }

  /** Hangs up if the call is not over, and waits until all its events are in the journal. */
  async finish(): Promise<CallTimeline> {
    await this.caller.hangup()
    return this.#until('the end is journalled', call => (isComplete(call) ? call : undefined))
  }

  async #until<T>(what: string, find: (call: CallTimeline) => T | undefined): Promise<T> {
    const found = await this.journal.waitFor(find, WAIT_LIMIT_MS)
    if (found !== undefined) return found
    const seen = (await this.read())?.events.map(({ type, reason }) =>
      reason ? `${type} (${reason})` : type,
    )
    const log = (await this.from.lab.service.log()).slice(-LOG_TAIL_CHARS)
    throw new Error(`timed out before ${what}; the journal has ${seen}; the service's log ends:\n${log}`)
  }
}

/** Whether all events are journalled. An unrecorded call needs no end: after the return to the dialplan the PBX reports none. */
function isComplete({ events, recordings, endedAt }: CallTimeline): boolean {
  const last = events.findLast(({ type }) => type === 'call.released' || type === 'call.passed-through')
  const prepared = events.filter(({ type }) => type === 'recording.prepared').length
  const ended = events.filter(({ type }) =>
    ['recording.finished', 'recording.empty', 'recording.failed'].includes(type),
  ).length
  return (
    (endedAt !== null || (last !== undefined && prepared === 0)) &&
    recordings.every(({ state }) => state !== 'recording') &&
    ended >= prepared
  )
}
