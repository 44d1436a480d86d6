import { isLocal } from '../../core/endpoint.js'
import type { ChannelId } from '../../core/ids.js'
import { isStandIn, standInFor } from '../../core/stand-in.js'
import type { Neighbour, ShownChannel } from '../ports.js'
import type { RunningCall } from '../run/running-call.js'

export interface ColleaguesDeps {
  /** The call on a channel that has not ended; undefined if none exists. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether a channel belongs to the company; undefined if neither settings nor dialplan say. */
  isInside(channel: ShownChannel): boolean | undefined
}

/** The participants that one caller has reached. */
interface Reached {
  /** Those reached first. */
  first: Set<ChannelId>
  /** Those already behind a `Local` channel while the caller was asked. They do not count as reached. */
  before: Set<ChannelId>
  /** Those present now. */
  there: Set<ChannelId>
  /** Whether the caller has reached no participant since the last line. */
  isOpen: boolean
}

/**
 * Decides which participants belong to the company. Settings or dialplan may say it. Otherwise the first participant a
 * caller reaches after a line counts as a colleague, because a line leads to an agent; later ones count as external. If
 * several are reached at once, other callers included, or one may have been reached while the PBX was not heard, all
 * count as external.
 */
export class Colleagues {
  readonly #deps: ColleaguesDeps
  /** By each caller seen on a line by this service. */
  readonly #of = new Map<ChannelId, Reached>()
  /** Participants without a call who have answered through a `Local` channel. Their answers end with that channel. */
  readonly #answered = new Set<ChannelId>()

  constructor(deps: ColleaguesDeps) {
    this.#deps = deps
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#of.size + this.#answered.size
  }

  /** Whether settings or dialplan say that a participant belongs to the company; undefined if they do not say. */
  isNamed({ channel, name, context, party }: Neighbour): boolean | undefined {
    // A caller of a line has come through contexts of the company, so the context proves nothing.
    const dialled = this.#deps.callOn(channel) !== undefined
    return this.#deps.isInside({
      name,
      ...(context !== undefined && !dialled && { context }),
      ...(party && { party }),
    })
  }

  /** Whether a participant without a call counts as a colleague for the caller on a channel. */
  isInside(caller: ChannelId, peer: Neighbour): boolean {
    const named = this.isNamed(peer)
    if (named !== undefined) return named
    const reached = this.#of.get(caller)
    if (!reached || this.#answered.has(peer.channel)) return false
    return reached.first.has(peer.channel) || (reached.isOpen && !reached.before.has(peer.channel))
  }

  /** A caller hears exactly these others. */
  met({ channel, step }: RunningCall, peers: readonly Neighbour[]): void {
    const reached = this.#of.get(channel)
    if (!reached) return
    const people = peers.flatMap(peer => (peer.early || isLocal(peer) ? [] : peer.channel))
    const come = people.filter(one => !reached.there.has(one) && !reached.before.has(one))
    reached.there = new Set(people)
    // The reply to the order that returns a caller to the dialplan may come late.
    const isAsked = step !== 'releasing' && step !== 'talking'
    if (isAsked) for (const one of people) reached.before.add(one)
    else if (come.length > 0 && reached.isOpen) {
      reached.isOpen = false
      if (come.length === 1) reached.first.add(come[0]!)
    }
  }

  /** A channel has come to a line. This resets the rule: the next participant counts as the first again. */
  arrived(channel: ChannelId): void {
    const first = this.#of.get(channel)?.first ?? new Set()
    this.#of.set(channel, { first, before: new Set(), there: new Set(), isOpen: true })
  }

  /** A participant without a call has answered through a `Local` channel, and therefore is no colleague. */
  answered(channel: ChannelId): void {
    this.#answered.add(channel)
  }

  /** Any caller may have reached a participant unseen. */
  unseen(): void {
    for (const reached of this.#of.values()) reached.isOpen = false
  }

  /** Applies the PBX's list of channels. The end of channels without a call is not reported. */
  listed(channels: ReadonlyMap<ChannelId, unknown>): void {
    // The PBX lists a channel with an odd id under that id.
    const isThere = (one: ChannelId) =>
      channels.has(one) || (isStandIn(one) && [...channels.keys()].some(odd => standInFor(odd) === one))
    for (const channel of this.#answered) if (!isThere(channel)) this.#answered.delete(channel)
  }

  /** A channel has ended. */
  delete(channel: ChannelId): void {
    this.#of.delete(channel)
    this.#answered.delete(channel)
  }
}
