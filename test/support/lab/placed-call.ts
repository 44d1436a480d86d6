import { setTimeout as sleep } from 'node:timers/promises'
import { Caller, type CallerOptions } from '../../../lab/caller.js'
import { AUDIBLE_DBFS } from '../../../lab/media/received-audio.js'
import { epochMs } from '../../../lab/time.js'
import type { CallFilter } from '../../../src/journal/read/call-rows.js'
import { type CallTimeline, listCalls, readCall } from '../../../src/journal/read/timeline.js'
import type { EventType } from '../../../src/shared/events.js'
import { waitUntilHeard } from '../assertions/heard-words.js'
import type { CallLab } from './call-lab.js'

/** How long anything that must come may take, ms: a busy machine, a caller who hears every prompt. */
const WAIT_LIMIT_MS = 90_000
/** What is heard so soon after a question was begun may be the end of the prompt before it, ms. */
const TAIL_MS = 100
/** How much of the service's log is shown where something never came about, characters. */
const LOG_TAIL_CHARS = 3_000
/** How often the journal is looked at while something is awaited, ms. */
const POLL_MS = 100

type JournalledEvent = CallTimeline['events'][number]
type Fits = (event: JournalledEvent) => boolean

let callers = 0

/** One real call with its page of the journal. */
export class PlacedCall {
  private constructor(
    private readonly from: CallLab,
    readonly caller: Caller,
    private readonly by: CallFilter,
  ) {}

  /**
   * Dials, from a number of the call's own unless one is given.
   *
   * @param by how the journal knows the call; by the caller's number if not given
   */
  static async place(from: CallLab, dial: Omit<CallerOptions, 'sip'>, by?: CallFilter): Promise<PlacedCall> {
    const number = dial.from ?? `7999${String(process.pid % 10_000).padStart(4, '0')}${100 + ++callers}`
    const caller = await Caller.call({ ...dial, from: number, sip: from.lab.pbx.sip })
    return new PlacedCall(from, caller, by ?? { caller: number })
  }

  /** What the journal says of the call by now; undefined before it says anything. */
  async read(): Promise<CallTimeline | undefined> {
    const { db, store } = this.from
    const locate = (name: string) => store.locate(name)
    const [found] = await listCalls(db, locate, this.by)
    return found && readCall(db, locate, found.id)
  }

  /** Waits until the journal holds such an event. */
  async waitForEvent(type: EventType, fits: Fits = () => true): Promise<JournalledEvent> {
    const [found] = await this.#until(`${type} is journalled`, call =>
      call.events.filter(event => event.type === type && fits(event)).slice(0, 1),
    )
    return found!
  }

  /** Waits until the n-th question is being put, that is: until the caller hears it. */
  async waitForQuestion(n = 1): Promise<void> {
    const [asked] = await this.#until(`question ${n} is put`, call =>
      call.events.filter(event => event.type === 'consent.asked').slice(n - 1, n),
    )
    // The question may be over before a busy machine has shown the journal.
    await this.caller.heard.waitForAudio(WAIT_LIMIT_MS, AUDIBLE_DBFS, Date.parse(asked!.at) + TAIL_MS)
  }

  /** Waits until the caller, given back to the dialplan, has heard the agent's sentence. */
  async waitForAgent(): Promise<void> {
    const { at } = await this.waitForEvent('call.released')
    const from = Date.parse(String(at)) - 500
    if (await waitUntilHeard(this.caller.heard, this.from.sentence, WAIT_LIMIT_MS, from)) return
    throw new Error(`the agent is not heard in the call known by ${JSON.stringify(this.by)}`)
  }

  /** Hangs up, unless the call is over, and waits until all is journalled that will be. */
  async finish(): Promise<CallTimeline> {
    await this.caller.hangup()
    const [call] = await this.#until('the end is journalled', call => (isComplete(call) ? [call] : []))
    return call!
  }

  async #until<T>(what: string, look: (call: CallTimeline) => T[]): Promise<T[]> {
    const end = epochMs() + WAIT_LIMIT_MS
    while (epochMs() < end) {
      const call = await this.read()
      const found = call ? look(call) : []
      if (found.length > 0) return found
      await sleep(POLL_MS)
    }
    const seen = (await this.read())?.events.map(({ type, reason }) =>
      reason ? `${type} (${reason})` : type,
    )
    const log = (await this.from.lab.service.log()).slice(-LOG_TAIL_CHARS)
    throw new Error(
      `it never came about that ${what}; the journal has ${seen}; the service's log ends:\n${log}`,
    )
  }
}

/** The end of a call that is not recorded need not be heard of: the PBX tells nobody once it has the channel back. */
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
