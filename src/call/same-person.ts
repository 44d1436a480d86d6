import type { ChannelId } from '../shared/ids.js'

/** Channels that are one person: that of a caller, and the halves of `Local` channels on which the same person was asked. */
export class SamePerson {
  /** Of a channel: the half on which the person was asked last. */
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

  /** The other channels of the person on a channel. */
  othersOf(channel: ChannelId): ChannelId[] {
    const all = new Set([...this.#askedOn].flat())
    return [...all].filter(one => this.areOne(channel, one))
  }

  /** A channel has ended. Those before and after it stay one person. */
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
