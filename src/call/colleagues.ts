import { isLocal } from '../shared/endpoint.js'
import type { ChannelId } from '../shared/ids.js'
import type { Neighbour, ShownChannel } from './ports.js'
import type { RunningCall } from './running-call.js'

export interface ColleaguesDeps {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether a channel belongs to the company; undefined if neither settings nor dialplan say. */
  isInside(channel: ShownChannel): boolean | undefined
  /** Whether whoever is on a channel has a call, or answered in one behind a `Local` channel. */
  wasAsked(channel: ChannelId): boolean
}

/** Whom one caller has reached. */
interface Reached {
  /** Those who were the first. */
  first: Set<ChannelId>
  /** Those who were there while the caller was asked, behind a `Local` channel. Nobody reached them. */
  before: Set<ChannelId>
  /** Whether nobody has been reached since the caller was on a line. */
  isOpen: boolean
}

/**
 * Who is of the company. Settings or dialplan say it. Where they say nothing, whoever a caller reaches first after a line counts as a colleague,
 * because a line leads to an agent. Whoever comes later is not known, and counts as from outside. Nobody is the first if a caller reaches several
 * at the same time, or may have reached somebody while the PBX was not heard.
 */
export class Colleagues {
  readonly #deps: ColleaguesDeps
  /** Of each caller. */
  readonly #of = new Map<ChannelId, Reached>()

  constructor(deps: ColleaguesDeps) {
    this.#deps = deps
  }

  /** How many entries there are about channels. Without channels there are none. */
  get size(): number {
    return this.#of.size
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

  /** Whether somebody counts as a colleague for the caller on a channel. */
  isInside(caller: ChannelId, peer: Neighbour): boolean {
    const named = this.isNamed(peer)
    if (named !== undefined) return named
    const reached = this.#of.get(caller)
    if (!reached || reached.first.has(peer.channel)) return true
    return reached.isOpen && !reached.before.has(peer.channel)
  }

  /** A caller is with exactly these others. */
  met({ channel, step }: RunningCall, peers: readonly Neighbour[]): void {
    const unknown = peers.filter(peer => this.#isUnknown(peer))
    const reached = this.#of.get(channel) ?? newlyReached()
    if (unknown.length > 0) this.#of.set(channel, reached)
    // The answer to the order that returns a caller to the dialplan may come late.
    const isAsked = step !== 'releasing' && step !== 'talking'
    if (isAsked) {
      for (const peer of unknown) reached.before.add(peer.channel)
      return
    }
    const come = unknown.filter(peer => !reached.before.has(peer.channel) && !reached.first.has(peer.channel))
    if (come.length === 0 || !reached.isOpen) return
    reached.isOpen = false
    if (come.length === 1) reached.first.add(come[0]!.channel)
  }

  /** A channel has come to a line. Whoever is reached next is the first again. */
  arrived(channel: ChannelId): void {
    const reached = this.#of.get(channel)
    if (reached) reached.isOpen = true
    reached?.before.clear()
  }

  /** The caller on a channel may have reached somebody, and the service did not see it. */
  unseen(channel: ChannelId): void {
    const reached = this.#of.get(channel) ?? newlyReached()
    reached.isOpen = false
    this.#of.set(channel, reached)
  }

  /** A channel has ended. */
  gone(channel: ChannelId): void {
    this.#of.delete(channel)
  }

  /** Whether somebody is there of whom nothing is known, neither from settings or dialplan nor from an answer. */
  #isUnknown(peer: Neighbour): boolean {
    if (peer.early || isLocal(peer) || this.#deps.wasAsked(peer.channel)) return false
    return this.isNamed(peer) === undefined
  }
}

const newlyReached = (): Reached => ({ first: new Set(), before: new Set(), isOpen: true })
