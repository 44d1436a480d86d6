import type { ChannelId } from '../shared/ids.js'

/** Which channels talk with which caller. Keys from these channels count as an agent's. */
export class Peers {
  readonly #callerOf = new Map<ChannelId, ChannelId>()

  /** Sets the peers of a caller, in place of those before. @returns the peers that were not known for this caller */
  join(caller: ChannelId, peers: readonly ChannelId[]): ChannelId[] {
    const added = peers.filter(peer => this.#callerOf.get(peer) !== caller)
    this.#forget(caller, peers)
    for (const peer of added) this.#callerOf.set(peer, caller)
    return added
  }

  /** Removes a channel that has ended, as peer and as caller. */
  channelGone(channel: ChannelId): void {
    this.#callerOf.delete(channel)
    this.#forget(channel)
  }

  callerOf(peer: ChannelId): ChannelId | undefined {
    return this.#callerOf.get(peer)
  }

  #forget(caller: ChannelId, except: readonly ChannelId[] = []): void {
    for (const [peer, other] of this.#callerOf) {
      if (other === caller && !except.includes(peer)) this.#callerOf.delete(peer)
    }
  }
}
