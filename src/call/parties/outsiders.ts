import { event } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { InquiryBy } from '../../core/party-events.js'
import type { LinePolicy } from '../../core/policy.js'
import { isStandIn } from '../../core/stand-in.js'
import { logFault } from '../../lib/faults.js'
import type { Neighbour } from '../ports.js'
import { asksForAll, type NotAsked } from '../run/inquiry-request.js'
import type { CallDeps, RunningCall } from '../run/running-call.js'

export interface OutsidersDeps extends Pick<CallDeps, 'journal' | 'clock' | 'log'> {
  /** The call on a channel that has not ended; undefined if none exists. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** The call of an id that has not ended; undefined if none exists. */
  callById(id: CallId): RunningCall | undefined
  /** Whether another channel can be heard by a channel. */
  isWith(channel: ChannelId, other: ChannelId): boolean
  /** Whether the person on a channel can be asked now. */
  canBeAsked(channel: ChannelId): boolean
  /** Whether the line currently asks no callers, because calls are shed. */
  isShedding(line: LinePolicy): boolean
  /** Begins a call on a channel that has none. @returns undefined if the channel has ended */
  follow(channel: ChannelId, line: LinePolicy, recorded: CallId): Promise<RunningCall | undefined>
}

/** How often one person is asked in one recorded call under the line's rule. */
const MAX_TIMES = 3

/** A person who was asked in a recorded call, or is about to be. */
interface Asked {
  times: number
  /** Whether the person has left since then. */
  hasLeft: boolean
}

/**
 * Asks external participants who join a recorded call without having agreed, on the terms of its line. Each is asked
 * once in one recorded call. A participant who left before answering is asked again after returning. No question is
 * asked while an agent or a program pauses the recordings, or while calls are shed.
 */
export class Outsiders {
  readonly #deps: OutsidersDeps
  /** By each recorded caller: the persons who were asked. */
  readonly #asked = new Map<ChannelId, Map<ChannelId, Asked>>()

  constructor(deps: OutsidersDeps) {
    this.#deps = deps
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#asked.size
  }

  /**
   * A participant without agreement is audible in a recorded call whose line has such participants asked. Called at
   * each review.
   */
  here(call: RunningCall, { channel }: Pick<Neighbour, 'channel'>): void {
    const own = this.#deps.callOn(channel)
    const before = this.#asked.get(call.channel)?.get(channel)
    if (before && !isToBeAskedAgain(before, call, own)) return
    if (call.pauses.isWanted || isStandIn(channel) || !this.#deps.canBeAsked(channel)) return
    if (!asksForAll(call.line, call.standing.recorded) || this.#deps.isShedding(call.line)) return
    if (own) {
      this.#ask(call, own, 'line')
      return
    }
    // This prevents a second question while the PBX is asked for the number.
    this.#remember(call, channel, 0)
    const { follow, log } = this.#deps
    follow(channel, call.line, call.id)
      .then(followed => {
        const asked = this.#asked.get(call.channel)
        const isHere = asked?.get(channel)?.hasLeft === false
        asked?.delete(channel)
        if (followed && isHere) this.here(call, { channel })
      })
      .catch(error => logFault(log, error, 'a person who joined a call cannot be asked', { call: call.id }))
  }

  /**
   * Asks a person again who has joined a recorded call, whatever the earlier answer was. The line's rule does not
   * repeat this question.
   *
   * @param own the call that was begun for that person
   * @returns the reason if the person is not asked: `nothing-to-ask` if the recorded call has ended, or its line does
   *   not ask for every recorded purpose
   */
  askAgain(own: RunningCall, by: InquiryBy): 'asked' | NotAsked {
    const { joined } = own.outsider
    const call = joined === null ? undefined : this.#deps.callById(joined)
    if (!call || !this.#deps.isWith(call.channel, own.channel)) return 'nothing-to-ask'
    const { recorded } = call.standing
    if (recorded.length === 0 || !asksForAll(call.line, recorded)) return 'nothing-to-ask'
    if (call.pauses.isWanted) return 'paused'
    return this.#deps.isShedding(call.line) ? 'shed' : this.#ask(call, own, by)
  }

  #ask(call: RunningCall, own: RunningCall, by: InquiryBy): 'asked' | NotAsked {
    const { id, line, standing } = call
    const { journal, clock } = this.#deps
    const outcome = own.ask({ by, recorded: { call: id, line, purposes: standing.recorded } })
    if (outcome === 'asked') journal.note(event('call.party-asked', id, clock.now(), { party: own.id }))
    const more = by === 'line' ? 1 : MAX_TIMES
    // A person with another open question, or not yet in the conversation, is asked at a later review.
    if (outcome === 'asked' || outcome === 'nothing-to-ask')
      this.#remember(call, own.channel, outcome === 'asked' ? more : 0)
    return outcome
  }

  /** @param more how often the person was asked now, added to the times before */
  #remember(call: RunningCall, channel: ChannelId, more: number): void {
    const asked = this.#asked.get(call.channel) ?? new Map<ChannelId, Asked>()
    this.#asked.set(call.channel, asked)
    asked.set(channel, { times: (asked.get(channel)?.times ?? 0) + more, hasLeft: false })
  }

  /** A person has left a recorded call: a question for it ends. */
  left(call: RunningCall, channel: ChannelId): void {
    this.#endQuestion(call.id, channel, 'left')
    const asked = this.#asked.get(call.channel)?.get(channel)
    if (asked) asked.hasLeft = true
  }

  /** Ends a question for a recorded call, if the person on a channel is being asked one. */
  #endQuestion(call: CallId, channel: ChannelId, reason: string): void {
    const own = this.#deps.callOn(channel)
    if (own?.outsider.askedFor === call) own.handleFact({ fact: 'fault', reason })
  }

  #askedIn(channel: ChannelId): ChannelId[] {
    return [...(this.#asked.get(channel)?.keys() ?? [])]
  }

  /** The recordings of a call are paused. Open questions end, because keys may now mean something else. */
  paused(channel: ChannelId): void {
    const call = this.#deps.callOn(channel)
    if (call) for (const one of this.#askedIn(channel)) this.#endQuestion(call.id, one, 'paused')
  }

  /**
   * The answers of the call on a channel have changed. If none of its purposes is recorded any more, open questions
   * end.
   */
  answersChanged(channel: ChannelId): void {
    const call = this.#deps.callOn(channel)
    if (!call || call.standing.recorded.length > 0) return
    for (const one of this.#askedIn(channel)) this.#endQuestion(call.id, one, 'withdrawn')
  }

  /** A channel has ended, and the recorded call on it, if any. */
  gone(channel: ChannelId, call: CallId | undefined): void {
    if (call) for (const one of this.#askedIn(channel)) this.#endQuestion(call, one, 'left')
    this.#asked.delete(channel)
    for (const asked of this.#asked.values()) asked.delete(channel)
  }
}

/** @param own the call of that person */
const isToBeAskedAgain = ({ times, hasLeft }: Asked, call: RunningCall, own?: RunningCall): boolean =>
  hasLeft && times < MAX_TIMES && own?.outsider.cutOff === call.id
