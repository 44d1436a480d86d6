import type { ChannelId } from '../../core/ids.js'

/**
 * Channels of one person: a caller's channel, and the halves of `Local` channels on which the same person was asked.
 */
export class SamePerson {
  /** By channel: the half on which its person was asked last. */
  readonly #askedOn = new Map<ChannelId, ChannelId>()

  get size(): number {
    return this.#askedOn.size
  }

  /** The person on a channel was asked on the half of a `Local` channel, too. */
  join(channel: ChannelId, half: ChannelId): void {
    const last = this.#lastOf(channel)
    if (last !== this.#lastOf(half)) this.#askedOn.set(last, half)
  }

  areOne(channel: ChannelId, other: ChannelId): boolean {
    return channel !== other && this.#lastOf(channel) === this.#lastOf(other)
  }

  /** The other channels of a channel's person. */
  othersOf(channel: ChannelId): ChannelId[] {
    const all = new Set([...this.#askedOn].flat())
    return [...all].filter(one => this.areOne(channel, one))
  }

  /** A channel has ended. Its neighbours in the chain stay one person. */
  delete(channel: ChannelId): void {
    const next = this.#askedOn.get(channel)
    this.#askedOn.delete(channel)
    for (const [one, half] of this.#askedOn) {
      if (half !== channel) continue
      if (next) this.#askedOn.set(one, next)
      else this.#askedOn.delete(one)
    }
  }

  #lastOf(channel: ChannelId): ChannelId {
    let last = channel
    for (let next = this.#askedOn.get(last); next; next = this.#askedOn.get(last)) last = next
    return last
  }
}
