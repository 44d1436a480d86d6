import { event } from '../shared/events.js'
import type { CallId, ChannelId } from '../shared/ids.js'
import type { LinePolicy } from '../shared/policy.js'
import { asksForAll } from './inquiry-request.js'
import type { Neighbour } from './ports.js'
import type { CallDeps, RunningCall } from './running-call.js'

export interface OutsidersDeps extends Pick<CallDeps, 'journal' | 'clock'> {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether the person on a channel can be asked now. */
  canBeAsked(channel: ChannelId): boolean
  /** Begins a call on a channel that has none. @returns undefined if the channel has ended */
  follow(channel: ChannelId, line: LinePolicy, recorded: CallId): Promise<RunningCall | undefined>
}

/**
 * Has people from outside asked who join a recorded call without having agreed, on the terms of its line. Each is asked once in one recorded
 * call, and is not asked while its recordings are paused by an agent or a program.
 */
export class Outsiders {
  readonly #deps: OutsidersDeps
  /** Of each recorded caller: those who were asked. */
  readonly #asked = new Map<ChannelId, Set<ChannelId>>()

  constructor(deps: OutsidersDeps) {
    this.#deps = deps
  }

  /** How many entries there are about channels. Without channels there are none. */
  get size(): number {
    return this.#asked.size
  }

  /** Somebody who has not agreed can be heard in a recorded call whose line has such people asked. Comes as often as that is looked at. */
  here(call: RunningCall, { channel }: Pick<Neighbour, 'channel'>): void {
    const asked = this.#asked.get(call.channel) ?? new Set()
    if (asked.has(channel) || call.pauses.isWanted || !this.#deps.canBeAsked(channel)) return
    if (!asksForAll(call.line, call.standing.recorded)) return
    this.#asked.set(call.channel, asked)
    const own = this.#deps.callOn(channel)
    if (own) {
      this.#ask(call, own)
      return
    }
    // Others may look meanwhile, while the PBX is asked for the number.
    asked.add(channel)
    void this.#deps.follow(channel, call.line, call.id).then(followed => {
      if (followed && this.#deps.canBeAsked(channel)) this.#ask(call, followed)
    })
  }

  #ask(call: RunningCall, own: RunningCall): void {
    const { id, line, standing } = call
    const { journal, clock } = this.#deps
    const outcome = own.ask({ by: 'line', recorded: { call: id, line, purposes: standing.recorded } })
    if (outcome === 'asked') journal.note(event('call.party-asked', id, clock.now(), { party: own.id }))
    // Whoever is being asked something else, or is not in the conversation yet, is asked when it is looked at again.
    if (outcome === 'asked' || outcome === 'nothing-to-ask') this.#asked.get(call.channel)?.add(own.channel)
  }

  /** A person has left a recorded call: a question for it ends. @param reason of the end */
  left(call: RunningCall, channel: ChannelId, reason = 'left'): void {
    const own = this.#deps.callOn(channel)
    if (own?.askedFor === call.id) own.handleFact({ fact: 'fault', reason })
  }

  /** The recordings of a call are paused, so that nobody is to press keys that mean something else. */
  paused(channel: ChannelId): void {
    const call = this.#deps.callOn(channel)
    if (call) for (const one of this.#asked.get(channel) ?? []) this.left(call, one, 'paused')
  }

  /** A channel has ended, and the recorded call on it, if there was one. */
  gone(channel: ChannelId, call: CallId | undefined): void {
    for (const one of this.#asked.get(channel) ?? []) {
      const own = this.#deps.callOn(one)
      if (call && own?.askedFor === call) own.handleFact({ fact: 'fault', reason: 'left' })
    }
    this.#asked.delete(channel)
    for (const asked of this.#asked.values()) asked.delete(channel)
  }
}
