import { isLocal } from '../shared/endpoint.js'
import type { ChannelId } from '../shared/ids.js'
import { isStandIn, standInFor } from '../shared/stand-in.js'
import type { Neighbour, ShownChannel } from './ports.js'
import type { RunningCall } from './running-call.js'

export interface ColleaguesDeps {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether a channel belongs to the company; undefined if neither settings nor dialplan say. */
  isInside(channel: ShownChannel): boolean | undefined
}

/** Whom one caller has reached. */
interface Reached {
  /** Those who were the first. */
  first: Set<ChannelId>
  /** Those who were there while the caller was asked, behind a `Local` channel. Nobody reached them. */
  before: Set<ChannelId>
  /** Those who are there. */
  there: Set<ChannelId>
  /** Whether nobody has been reached since the caller was on a line. */
  isOpen: boolean
}

/**
 * Who is of the company. Settings or dialplan say it. Where they say nothing, whoever a caller reaches first after a line counts as a colleague,
 * because a line leads to an agent. Whoever comes later is not known, and counts as from outside. Nobody is the first if a caller reaches several
 * at the same time, other callers among them, or may have reached somebody while the PBX was not heard.
 */
export class Colleagues {
  readonly #deps: ColleaguesDeps
  /** Of each caller whom this service has seen on a line. */
  readonly #of = new Map<ChannelId, Reached>()
  /** Those without a call of their own who have answered through a `Local` channel. What they answered there ends with that channel. */
  readonly #answered = new Set<ChannelId>()

  constructor(deps: ColleaguesDeps) {
    this.#deps = deps
  }

  /** How many entries there are about channels. Without channels there are none. */
  get size(): number {
    return this.#of.size + this.#answered.size
  }

  /** Whether settings or dialplan say that somebody is of the company. They may say nothing. */
  isNamed({ channel, name, context, party }: Neighbour): boolean | undefined {
    // Whoever dialled a line has come through contexts of the company.
    const dialled = this.#deps.callOn(channel) !== undefined
    return this.#deps.isInside({
      name,
      ...(context !== undefined && !dialled && { context }),
      ...(party && { party }),
    })
  }

  /** Whether somebody without a call of their own counts as a colleague for the caller on a channel. */
  isInside(caller: ChannelId, peer: Neighbour): boolean {
    const named = this.isNamed(peer)
    if (named !== undefined) return named
    const reached = this.#of.get(caller)
    if (!reached || this.#answered.has(peer.channel)) return false
    return reached.first.has(peer.channel) || (reached.isOpen && !reached.before.has(peer.channel))
  }

  /** A caller is with exactly these others. */
  met({ channel, step }: RunningCall, peers: readonly Neighbour[]): void {
    const reached = this.#of.get(channel)
    if (!reached) return
    const people = peers.flatMap(peer => (peer.early || isLocal(peer) ? [] : peer.channel))
    const come = people.filter(one => !reached.there.has(one) && !reached.before.has(one))
    reached.there = new Set(people)
    // The answer to the order that returns a caller to the dialplan may come late.
    const isAsked = step !== 'releasing' && step !== 'talking'
    if (isAsked) for (const one of people) reached.before.add(one)
    else if (come.length > 0 && reached.isOpen) {
      reached.isOpen = false
      if (come.length === 1) reached.first.add(come[0]!)
    }
  }

  /** A channel has come to a line. Whoever is reached next is the first again. */
  arrived(channel: ChannelId): void {
    const first = this.#of.get(channel)?.first ?? new Set()
    this.#of.set(channel, { first, before: new Set(), there: new Set(), isOpen: true })
  }

  /** Somebody without a call of their own has answered through a `Local` channel, so this is no colleague. */
  answered(channel: ChannelId): void {
    this.#answered.add(channel)
  }

  /** All callers may have reached somebody, and the service did not see it. */
  unseen(): void {
    for (const reached of this.#of.values()) reached.isOpen = false
  }

  /** The PBX has only these channels. It does not report the end of those without a call. */
  listed(channels: ReadonlyMap<ChannelId, unknown>): void {
    // The PBX lists a channel with an odd id by that id.
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
