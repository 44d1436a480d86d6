import type { Clock } from '../../core/clock.js'
import { isLocal } from '../../core/endpoint.js'
import type { ChannelId } from '../../core/ids.js'
import type { Neighbour } from '../ports.js'
import { BehindLocals, type BehindLocalsDeps, type DialsFact } from './behind-locals.js'

/** How long after the answer of a phone the PBX may report a bridge with it, ms. It takes a few milliseconds. */
const BRIDGED_MS = 2_000

export interface EarlyPeersDeps extends Pick<BehindLocalsDeps, 'isInside' | 'behind'> {
  /** Whether a channel has a call that has not ended. */
  hasCall(channel: ChannelId): boolean
  clock: Pick<Clock, 'after' | 'now'>
  /** The participants whom a channel hears before they answer have changed. @param at ms since the epoch */
  changed(channel: ChannelId, at: number): void
}

/**
 * External participants who are heard before they answer: the dialplan dials them, and passes on their early media (RFC
 * 3960). No bridge shows that. Company phones are left out. `Local` channels are left out too, but the channels dialled
 * behind them are included, see `BehindLocals`.
 */
export class EarlyPeers {
  readonly #deps: EarlyPeersDeps
  /** By each channel for which the dialplan dials. */
  readonly #of = new Map<ChannelId, Map<ChannelId, Neighbour>>()
  readonly #locals: BehindLocals

  constructor(deps: EarlyPeersDeps) {
    this.#deps = deps
    this.#locals = new BehindLocals({
      ...deps,
      unknown: (channel, peer, at) => this.#add(channel, peer, at),
      known: (channel, peer, at) => this.#remove(channel, peer, at),
    })
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#of.size + this.#locals.size
  }

  /** Whether a channel hears another one that has not answered. */
  has(channel: ChannelId, peer: ChannelId): boolean {
    return this.#of.get(channel)?.has(peer) === true
  }

  /** All participants whom a channel hears: its peers, and those who have not answered. */
  join(channel: ChannelId, peers: readonly Neighbour[]): readonly Neighbour[] {
    if (this.#deps.hasCall(channel)) this.#locals.met(channel, peers)
    for (const { channel: joined } of peers) this.#forget(channel, joined)
    const early = this.#of.get(channel)
    return early ? [...peers, ...early.values()] : peers
  }

  /** The dialplan dials a participant for a channel, or has ended dialling. */
  heard(channel: ChannelId, fact: DialsFact): void {
    const through = this.#locals.heardThrough(channel)
    if (through !== undefined) {
      this.#heardBy(through, fact)
      this.#locals.reported(channel, fact)
    }
    if (through === undefined || this.#deps.hasCall(channel)) this.#heardBy(channel, fact)
  }

  #heardBy(channel: ChannelId, { peer, stage, at }: DialsFact): void {
    const { isInside, clock } = this.#deps
    if (isLocal(peer)) {
      if (stage === 'heard') this.#locals.heard(channel, peer, at)
      else if (stage === 'over') this.#locals.forget(peer.channel, at)
    } else if (stage === 'heard') {
      if (!isInside(channel, peer)) this.#add(channel, peer, at)
    } else if (this.has(channel, peer.channel)) {
      if (stage === 'over') this.#remove(channel, peer.channel, at)
      else clock.after(BRIDGED_MS, () => this.#remove(channel, peer.channel, clock.now()))
    }
  }

  /**
   * Call this before the PBX is asked for its channels, because a channel dialled meanwhile may be missing from the
   * list.
   *
   * @returns a function that applies the list, before a comparison of bridges. Channels that are no longer dialled are forgotten,
   *   because their end may not have been reported
   */
  beginList(): (channels: ReadonlyMap<ChannelId, unknown>) => void {
    const takeLocals = this.#locals.beginList()
    const known = [...this.#of].flatMap(([channel, early]) =>
      [...early.keys()].map(peer => [channel, peer] as const),
    )
    return channels => {
      takeLocals(channels)
      for (const [channel, peer] of known)
        if (!channels.has(peer) && !this.#locals.isUnknown(peer)) this.#forget(channel, peer)
    }
  }

  /** A channel has ended. @param at ms since the epoch */
  gone(channel: ChannelId, at: number): void {
    this.#of.delete(channel)
    this.#locals.gone(channel, at)
  }

  #add(channel: ChannelId, peer: Neighbour, at: number): void {
    const early = this.#of.get(channel) ?? new Map<ChannelId, Neighbour>()
    this.#of.set(channel, early.set(peer.channel, peer))
    this.#deps.changed(channel, at)
  }

  #remove(channel: ChannelId, peer: ChannelId, at: number): void {
    if (this.#forget(channel, peer)) this.#deps.changed(channel, at)
  }

  #forget(channel: ChannelId, peer: ChannelId): boolean {
    const early = this.#of.get(channel)
    const known = early?.delete(peer) === true
    if (early?.size === 0) this.#of.delete(channel)
    return known
  }
}
