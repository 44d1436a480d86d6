import type { ChannelId } from '../shared/ids.js'

/** Who talks with which of our callers: their keys are those of an agent. */
export class Peers {
  readonly #callerOf = new Map<ChannelId, ChannelId>()

  /** A caller is together with these and nobody else. @returns those who were not known */
  join(caller: ChannelId, peers: readonly ChannelId[]): ChannelId[] {
    const added = peers.filter(peer => this.#callerOf.get(peer) !== caller)
    this.#forget(caller, peers)
    for (const peer of added) this.#callerOf.set(peer, caller)
    return added
  }

  /** A channel is gone. */
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
