import type { Clock } from '../../core/clock.js'
import { isLocal, otherHalf } from '../../core/endpoint.js'
import type { ChannelId } from '../../core/ids.js'
import type { BehindLocal, ChannelFact, Neighbour } from '../ports.js'

/**
 * How long the PBX may take to report who is behind a `Local` channel until an external participant is assumed there,
 * ms. It takes some milliseconds.
 */
const BEHIND_MS = 100
/** How long after an answer behind a `Local` channel the PBX may report a bridge, ms. */
const BRIDGED_MS = 2_000

export type DialsFact = Extract<ChannelFact, { fact: 'dials' }>

export interface BehindLocalsDeps {
  /** Whether a participant counts as a colleague for the caller on a channel, see `Colleagues`. */
  isInside(channel: ChannelId, peer: Neighbour): boolean
  /** Reads the other half of a `Local` channel, and has the PBX report the channels that it dials. Never rejects. */
  behind(local: Neighbour): Promise<BehindLocal | undefined>
  clock: Pick<Clock, 'after' | 'now'>
  /** An unknown participant may be heard on a channel. @param at ms since the epoch */
  unknown(channel: ChannelId, peer: Neighbour, at: number): void
  /** The participant was reported, or does not exist. @param at ms since the epoch */
  known(channel: ChannelId, peer: ChannelId, at: number): void
}

/** A `Local` channel whose other half is in the dialplan. */
interface Followed {
  /** The channel that hears what is behind it. */
  listener: ChannelId
  /** The other half, once it is known. */
  half: ChannelId | undefined
}

/**
 * Follows `Local` channels that a caller hears to the channels dialled by their other half. The caller hears these
 * before they answer, whether or not the `Local` channel has answered, and no event of the caller's channel reports it.
 * Until a phone of the company is known to be dialled there, an external participant is assumed.
 */
export class BehindLocals {
  readonly #deps: BehindLocalsDeps
  /** By the half that the caller hears. */
  readonly #followed = new Map<ChannelId, Followed>()
  /** By the other half: the half that the caller hears. */
  readonly #halves = new Map<ChannelId, ChannelId>()

  constructor(deps: BehindLocalsDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#followed.size + this.#halves.size
  }

  /** The channel that hears those dialled for this half, other than the half itself. */
  heardThrough(half: ChannelId): ChannelId | undefined {
    const local = this.#halves.get(half)
    return local && this.#followed.get(local)?.listener
  }

  /** Whether this stands for an unknown participant. */
  isUnknown(peer: ChannelId): boolean {
    return [...this.#followed.keys()].some(local => unknownBehind(local).channel === peer)
  }

  /** A caller hears a `Local` channel before it answers. @param at ms since the epoch */
  heard(listener: ChannelId, local: Neighbour, at: number): void {
    void this.#follow(listener, local, at, true)
  }

  /**
   * A caller hears exactly these others. The other half of a `Local` channel without a bridge is in the dialplan, which
   * may dial.
   */
  met(listener: ChannelId, peers: readonly Neighbour[]): void {
    const { now } = this.#deps.clock
    for (const peer of peers) {
      const other = peer.near && otherHalf(peer.name)
      if (!other) continue
      // With a call of its own, the other half is known even without a bridge.
      const isBridged = peers.some(({ near, name }) => !near && name !== other)
      if (isBridged) this.forget(peer.channel, now())
      else if (!this.#followed.has(peer.channel)) void this.#follow(listener, peer, now(), false)
    }
  }

  /** The PBX reports a channel dialled for the other half, so the participant there is known now. */
  reported(half: ChannelId, { peer, stage, at }: DialsFact): void {
    const local = this.#halves.get(half)
    if (local === undefined || (isLocal(peer) && stage !== 'over')) return
    if (stage !== 'answered') this.#known(local, at)
    else this.#deps.clock.after(BRIDGED_MS, () => this.#known(local, this.#deps.clock.now()))
  }

  /**
   * A `Local` channel is no longer dialled, or bridge events report the participants behind it.
   * @param at ms since the epoch
   */
  forget(local: ChannelId, at: number): void {
    this.#known(local, at)
    const half = this.#followed.get(local)?.half
    this.#followed.delete(local)
    if (half !== undefined) this.#halves.delete(half)
  }

  /**
   * @returns a function that applies the list of all channels. Ended channels are forgotten, because their end may not have been
   *   reported
   */
  beginList(): (channels: ReadonlyMap<ChannelId, unknown>) => void {
    const before = [...this.#followed.keys()]
    return channels => {
      for (const local of before) if (!channels.has(local)) this.forget(local, this.#deps.clock.now())
    }
  }

  /** A channel has ended. @param at ms since the epoch */
  gone(channel: ChannelId, at: number): void {
    const local = this.#halves.get(channel)
    if (local !== undefined) this.forget(local, at)
    for (const [one, { listener }] of this.#followed)
      if (one === channel || listener === channel) this.forget(one, at)
  }

  #known(local: ChannelId, at: number): void {
    const followed = this.#followed.get(local)
    if (followed) this.#deps.known(followed.listener, unknownBehind(local).channel, at)
  }

  /** @param isHeard whether the `Local` channel is known to be audible */
  async #follow(listener: ChannelId, local: Neighbour, at: number, isHeard: boolean): Promise<void> {
    const { behind, isInside, clock, unknown } = this.#deps
    const followed: Followed = this.#followed.get(local.channel) ?? { listener, half: undefined }
    this.#followed.set(local.channel, followed)
    const isCurrent = () => this.#followed.get(local.channel) === followed
    const assume = () => {
      if (isCurrent()) unknown(listener, unknownBehind(local.channel), at)
    }
    const cancel = isHeard ? clock.after(BEHIND_MS, assume) : () => {}
    const found = await behind(local)
    cancel()
    if (!isCurrent()) return
    if (!found) {
      if (isHeard) assume()
      return
    }
    followed.half = found.half
    this.#halves.set(found.half, local.channel)
    const dialled = found.dials.map(one => ({ ...unknownBehind(local.channel), ...one }))
    if (dialled.some(one => !isInside(listener, one))) assume()
    else this.#known(local.channel, clock.now())
  }
}

/** An unknown participant behind a `Local` channel. */
const unknownBehind = (local: ChannelId): Neighbour => ({
  ...{ channel: `${local}-behind` as ChannelId, name: '' },
  ...{ near: false, early: true },
})
