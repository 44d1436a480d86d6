import type { ChannelId } from '../shared/ids.js'

/** Who is in a bridge with which of our callers: their keys are those of an agent. */
export class Peers {
  readonly #callerOf = new Map<ChannelId, ChannelId>()

  /** @returns those who were not known */
  join(caller: ChannelId, peers: readonly ChannelId[]): ChannelId[] {
    const fresh = peers.filter(peer => this.#callerOf.get(peer) !== caller)
    for (const peer of fresh) this.#callerOf.set(peer, caller)
    return fresh
  }

  /** A channel has left its bridge, or is gone: with whomever it was, it is no more. */
  part(channel: ChannelId): void {
    this.#callerOf.delete(channel)
    for (const [peer, caller] of this.#callerOf) if (caller === channel) this.#callerOf.delete(peer)
  }

  callerOf(peer: ChannelId): ChannelId | undefined {
    return this.#callerOf.get(peer)
  }
}
