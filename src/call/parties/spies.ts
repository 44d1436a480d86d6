import type { Clock } from '../../core/clock.js'
import { endpointOf, isLocal } from '../../core/endpoint.js'
import { event } from '../../core/events.js'
import type { ChannelId } from '../../core/ids.js'
import { endpointForJournal } from '../../core/trial.js'
import type { EventSink, Neighbour, Spying } from '../ports.js'
import type { RunningCall } from '../run/running-call.js'

/** How long an external spy is remembered, ms. A spy may leave before the alarm is noticed. */
const REMEMBERED_MS = 10 * 60_000

export interface SpiesDeps {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** The channels that a channel hears in a conversation. */
  peersOf(channel: ChannelId): readonly Neighbour[]
  /** Whether settings or dialplan say that a participant belongs to the company; undefined if they do not say. */
  isNamed(peer: Neighbour): boolean | undefined
  journal: Pick<EventSink, 'note'>
  clock: Pick<Clock, 'elapsed'>
}

/** A spy, and the caller whom the spy may hear. */
interface Present {
  endpoint: string
  caller: ChannelId
  isOutside: boolean
}

/**
 * Journals who spies on calls (`ChanSpy`). No event and no bridge shows a spy, so the PBX's list of channels is read.
 * This class never affects a recording: a spy's voice is in none.
 */
export class Spies {
  readonly #deps: SpiesDeps
  /** By the spy's channel and the caller's channel. */
  readonly #here = new Map<string, Present>()
  /** When an external spy was last present, by the monotonic clock, ms. */
  #outsideAt: number | undefined

  constructor(deps: SpiesDeps) {
    this.#deps = deps
  }

  /** Whether an external spy listens to a call, or did within the last ten minutes. */
  get fromOutside(): boolean {
    if ([...this.#here.values()].some(({ isOutside }) => isOutside)) return true
    return this.#outsideAt !== undefined && this.#deps.clock.elapsed() - this.#outsideAt < REMEMBERED_MS
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#here.size
  }

  /** Applies the PBX's list of spies. @param at ms since the epoch */
  listed(spies: readonly Spying[], at: number): void {
    const now = new Set<string>()
    for (const spy of spies) {
      const callers = this.#heardBy(spy)
      for (const caller of callers) {
        const key = `${spy.channel} ${caller}`
        now.add(key)
        if (!this.#here.has(key)) this.#begin(key, spy, caller, callers.size - 1, at)
      }
    }
    for (const key of [...this.#here.keys()]) if (!now.has(key)) this.#end(key, at)
  }

  /** A channel has ended. The end of its call also ends the spying on it. */
  gone(channel: ChannelId): void {
    for (const [key, one] of this.#here) if (one.caller === channel) this.#forget(key, one)
  }

  /** The callers whom a spy may hear: on one of these channels, or in a conversation with one. */
  #heardBy({ channel, hears }: Spying): Set<ChannelId> {
    const callers = hears.flatMap(one => [one, ...this.#deps.peersOf(one).map(peer => peer.channel)])
    return new Set(callers.filter(one => one !== channel && this.#deps.callOn(one)))
  }

  /** The person who spies. For a `Local` channel, the only participant behind it. */
  #personOf(spying: Spying): Neighbour {
    const { channel, hears: _, mode: __, half, ...shown } = spying
    const behind = half ? this.#deps.peersOf(half).filter(peer => !isLocal(peer)) : []
    return behind.length === 1 ? behind[0]! : { channel, near: false, ...shown }
  }

  #begin(key: string, spying: Spying, caller: ChannelId, others: number, at: number): void {
    const person = this.#personOf(spying)
    const endpoint = endpointForJournal(endpointOf(person.name))
    const inside = this.#deps.isNamed(person) ?? null
    this.#here.set(key, { endpoint, caller, isOutside: inside === false })
    const said = { endpoint, mode: spying.mode, inside, others }
    this.#deps.journal.note(event('call.spied', this.#deps.callOn(caller)!.id, at, said))
  }

  #end(key: string, at: number): void {
    const one = this.#here.get(key)!
    this.#forget(key, one)
    const call = this.#deps.callOn(one.caller)
    if (call) this.#deps.journal.note(event('call.spy-left', call.id, at, { endpoint: one.endpoint }))
  }

  #forget(key: string, { isOutside }: Present): void {
    this.#here.delete(key)
    if (isOutside) this.#outsideAt = this.#deps.clock.elapsed()
  }
}
