import type { Clock } from '../shared/clock.js'
import { isLocal } from '../shared/endpoint.js'
import type { ChannelId } from '../shared/ids.js'
import type { ChannelFact, Neighbour } from './ports.js'

/** How long after the answer of a phone the PBX may report a bridge with it, ms. It takes a few milliseconds. */
const BRIDGED_MS = 2_000

type FactOf<F extends ChannelFact['fact']> = Extract<ChannelFact, { fact: F }>

export interface EarlyPeersDeps {
  /** Whether somebody counts as a colleague for the caller on a channel, see `Colleagues`. */
  isInside(channel: ChannelId, peer: Neighbour): boolean
  clock: Pick<Clock, 'after' | 'now'>
  /** Those whom a channel hears before they answer have changed. @param at ms since the epoch */
  changed(channel: ChannelId, at: number): void
}

/**
 * Those from outside who are heard before they answer: the dialplan dials them, and passes on what they send (early media, RFC 3960). No bridge
 * says so. Phones of the company are not among them, nor `Local` channels, behind which nobody is known.
 */
export class EarlyPeers {
  readonly #deps: EarlyPeersDeps
  /** Of each channel for which the dialplan dials. */
  readonly #of = new Map<ChannelId, Map<ChannelId, Neighbour>>()

  constructor(deps: EarlyPeersDeps) {
    this.#deps = deps
  }

  /** How many entries there are about channels. Without channels there are none. */
  get size(): number {
    return this.#of.size
  }

  /** Whether a channel hears another one that has not answered. */
  has(channel: ChannelId, peer: ChannelId): boolean {
    return this.#of.get(channel)?.has(peer) === true
  }

  /** All whom a channel hears: those with whom it is, and those who have not answered. */
  join(channel: ChannelId, peers: readonly Neighbour[]): readonly Neighbour[] {
    for (const { channel: joined } of peers) this.#forget(channel, joined)
    const early = this.#of.get(channel)
    return early ? [...peers, ...early.values()] : peers
  }

  /** The dialplan dials somebody for a channel, or is done with it. */
  heard(channel: ChannelId, { peer, stage, at }: FactOf<'dials'>): void {
    const { isInside, clock, changed } = this.#deps
    if (stage === 'heard') {
      if (isInside(channel, peer) || isLocal(peer)) return
      const early = this.#of.get(channel) ?? new Map<ChannelId, Neighbour>()
      this.#of.set(channel, early.set(peer.channel, peer))
      changed(channel, at)
    } else if (this.has(channel, peer.channel)) {
      const over = (when: number) => {
        if (this.#forget(channel, peer.channel)) changed(channel, when)
      }
      if (stage === 'answered') clock.after(BRIDGED_MS, () => over(clock.now()))
      else over(at)
    }
  }

  /**
   * Call this before the PBX is asked for its channels: who is dialled meanwhile is in no list.
   *
   * @returns takes the list in, before a look at the bridges. Whom nobody dials any more is forgotten: that may not have been reported
   */
  beginList(): (channels: ReadonlyMap<ChannelId, unknown>) => void {
    const known = [...this.#of].flatMap(([channel, early]) =>
      [...early.keys()].map(peer => [channel, peer] as const),
    )
    return channels => {
      for (const [channel, peer] of known) if (!channels.has(peer)) this.#forget(channel, peer)
    }
  }

  /** A channel has ended. */
  gone(channel: ChannelId): void {
    this.#of.delete(channel)
  }

  #forget(channel: ChannelId, peer: ChannelId): boolean {
    const early = this.#of.get(channel)
    const known = early?.delete(peer) === true
    if (early?.size === 0) this.#of.delete(channel)
    return known
  }
}
