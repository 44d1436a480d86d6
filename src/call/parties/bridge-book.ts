import { otherHalf } from '../../core/endpoint.js'
import type { ChannelId } from '../../core/ids.js'
import type { Neighbour, Place, ShownChannel } from '../ports.js'

/** What kind of bridge it is. */
export interface BridgeKind {
  /** Each member hears music and no other member: a parking lot, or the PBX's hold. */
  holding: boolean
  /** Absent if the PBX reports none of these places. */
  place?: Place
}

/** A bridge, as the PBX lists it. */
export interface ListedBridge extends BridgeKind {
  id: string
  channels: readonly ChannelId[]
}

/** A change in one bridge. `at`: ms since the epoch. */
export type BridgeChange =
  | ({ change: 'entered'; bridge: string; channel: ChannelId; at: number } & ShownChannel & BridgeKind)
  | { change: 'left'; bridge: string; channel: ChannelId; at: number }
  | { change: 'destroyed'; bridge: string; at: number }

/**
 * Reports that a channel can hear exactly these others.
 * @param name its own; empty if unknown
 * @param place where it is, if anywhere
 */
export type Met = (
  channel: ChannelId,
  peers: readonly Neighbour[],
  name: string,
  place: Place | undefined,
) => void

/**
 * Which channels of the PBX can hear each other: those in one bridge, and those in two bridges that a `Local` channel joins. Its two
 * halves, `…;1` and `…;2`, pass on what each of them hears.
 */
export class BridgeBook {
  readonly #members = new Map<string, Set<ChannelId>>()
  /** Bridges that are not plain conversations. */
  readonly #kinds = new Map<string, BridgeKind>()
  readonly #bridgeOf = new Map<ChannelId, string>()
  readonly #names = new Map<ChannelId, string>()
  readonly #byName = new Map<string, ChannelId>()
  /** Other properties of channels that have been in a bridge, until the channels end. */
  readonly #shown = new Map<ChannelId, Omit<ShownChannel, 'name'>>()
  /** Channels that stay known outside of bridges, because they are in our application. */
  readonly #kept = new Set<ChannelId>()
  /** Channels and bridges with an event since the current comparison began. */
  #changed: Set<string> | undefined

  constructor(private readonly met: Met) {}

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    const all = [this.#members, this.#bridgeOf, this.#names, this.#byName, this.#kept, this.#shown]
    return all.reduce((sum, { size }) => sum + size, 0)
  }

  /** A channel is in our application. It stays known until it ends, because the other half of a `Local` channel may be in a bridge. */
  arrived(channel: ChannelId, name: string): void {
    this.#changed?.add(channel)
    this.#kept.add(channel)
    this.#name(channel, name)
    if (otherHalf(name)) this.#report(this.#around(channel))
  }

  /** A channel has ended. */
  gone(channel: ChannelId): void {
    this.#changed?.add(channel)
    this.#kept.delete(channel)
    this.#shown.delete(channel)
    const around = this.#around(channel)
    const bridge = this.#bridgeOf.get(channel)
    if (bridge === undefined) this.#forgetName(channel)
    else this.#change(bridge, () => this.#leave(channel))
    this.#report(around)
  }

  /** Applies a change of a bridge, and reports each channel that now hears other channels than before. */
  handle(change: BridgeChange): void {
    const { bridge } = change
    if (change.change === 'entered') {
      const { channel } = change
      this.#noteKind(bridge, change)
      const before = this.#around(channel)
      // A list made before this event would put the channel back, and no later event would report its entry.
      this.#changed?.add(channel)
      this.#change(bridge, () => {
        this.#leave(channel)
        this.#show(channel, change)
        this.#enter(bridge, channel)
      })
      this.#report(before)
    } else if (change.change === 'left') {
      this.#changed?.add(change.channel)
      if (this.#bridgeOf.get(change.channel) === bridge)
        this.#change(bridge, () => this.#leave(change.channel))
    } else {
      for (const channel of this.#members.get(bridge) ?? []) this.#changed?.add(channel)
      this.#change(bridge, () => this.#empty(bridge))
      this.#kinds.delete(bridge)
    }
  }

  /**
   * The channels that one half of a `Local` channel hears in the bridges beyond its other half.
   *
   * @param name its name; by default the known one
   */
  beyond(channel: ChannelId, name = this.#names.get(channel) ?? ''): ChannelId[] {
    const found: ChannelId[] = []
    const passed = new Set<string>()
    const names = [name]
    for (const one of names) {
      const half = this.#otherHalfOf(one)
      const bridge = half && this.#bridgeOf.get(half)
      if (bridge === undefined || passed.has(bridge) || this.#kinds.get(bridge)?.holding) continue
      passed.add(bridge)
      for (const member of this.#members.get(bridge) ?? []) {
        if (member === half) continue
        found.push(member)
        names.push(this.#names.get(member) ?? '')
      }
    }
    return found
  }

  /**
   * Compares the book with the PBX's list. Call this before the PBX is asked. Events win over the list for channels
   * that move meanwhile. Channels missing from the list are forgotten, because the PBX reports the end only of channels
   * to which we subscribed.
   *
   * @returns a function that applies the list with all channels, and reports for each channel whom it hears
   */
  beginComparison(): (
    bridges: readonly ListedBridge[],
    channels: ReadonlyMap<ChannelId, ShownChannel>,
  ) => void {
    const changed = new Set<string>()
    this.#changed = changed
    return (bridges, all) => {
      const listed = new Map(bridges.map(one => [one.id, one]))
      const before = [...this.#bridgeOf.keys()]
      for (const channel of before) if (!changed.has(channel)) this.#leave(channel)
      for (const bridge of [...this.#kinds.keys()])
        if (!changed.has(bridge) && !listed.has(bridge)) this.#kinds.delete(bridge)
      for (const [bridge, one] of listed) {
        this.#noteKind(bridge, one)
        for (const channel of one.channels) {
          if (changed.has(channel)) continue
          this.#leave(channel)
          this.#show(channel, all.get(channel) ?? { name: '', ...this.#shown.get(channel) })
          this.#enter(bridge, channel)
        }
      }
      const hasEnded = (channel: ChannelId) => !all.has(channel) && !changed.has(channel)
      for (const channel of [...this.#kept]) if (hasEnded(channel)) this.#forget(channel)
      for (const channel of [...this.#shown.keys()]) if (hasEnded(channel)) this.#shown.delete(channel)
      if (this.#changed === changed) this.#changed = undefined
      this.#report(new Set([...all.keys(), ...before, ...this.#bridgeOf.keys()]))
    }
  }

  #change(bridge: string, make: () => void): void {
    this.#changed?.add(bridge)
    const before = this.#aroundAll(this.#members.get(bridge) ?? [])
    make()
    this.#report(new Set([...before, ...this.#aroundAll(this.#members.get(bridge) ?? [])]))
  }

  /** Reports whom these channels hear, and whom the channels around them hear. */
  #report(channels: Iterable<ChannelId>): void {
    const reported = new Set<ChannelId>()
    for (const channel of channels) {
      if (reported.has(channel)) continue
      const around = [...this.#around(channel)]
      for (const one of around) {
        reported.add(one)
        this.met(one, this.#peersOf(one, around), this.#names.get(one) ?? '', this.#placeOf(one))
      }
    }
  }

  #peersOf(channel: ChannelId, around: readonly ChannelId[]): Neighbour[] {
    const bridge = this.#bridgeOf.get(channel)
    const others = around.filter(other => other !== channel)
    return others.map(other => ({
      channel: other,
      name: this.#names.get(other) ?? '',
      ...this.#shown.get(other),
      near: bridge !== undefined && this.#bridgeOf.get(other) === bridge,
    }))
  }

  #aroundAll(channels: Iterable<ChannelId>): Set<ChannelId> {
    const found = new Set<ChannelId>()
    for (const channel of channels)
      if (!found.has(channel)) for (const one of this.#around(channel)) found.add(one)
    return found
  }

  /** A channel, and all that it can hear, through `Local` channels too. */
  #around(start: ChannelId): Set<ChannelId> {
    const found = new Set([start])
    for (const channel of found) {
      const bridge = this.#bridgeOf.get(channel)
      if (bridge !== undefined && !this.#kinds.get(bridge)?.holding)
        for (const member of this.#members.get(bridge) ?? []) found.add(member)
      const other = this.#otherHalfOf(this.#names.get(channel) ?? '')
      if (other) found.add(other)
    }
    return found
  }

  /** Where a channel is. Alone with a `Local` channel, it is where the other half is, as when a queue's agent parks the caller. */
  #placeOf(channel: ChannelId): Place | undefined {
    const passed = new Set<string>()
    let at: ChannelId | undefined = channel
    while (at !== undefined) {
      const bridge = this.#bridgeOf.get(at)
      if (bridge === undefined || passed.has(bridge)) return undefined
      const place = this.#kinds.get(bridge)?.place
      if (place) return place
      passed.add(bridge)
      const [one, other, ...more] = this.#members.get(bridge) ?? []
      const peer: ChannelId | undefined = one === at ? other : one
      at = peer && more.length === 0 ? this.#otherHalfOf(this.#names.get(peer) ?? '') : undefined
    }
    return undefined
  }

  /** The other half of a channel of this name; undefined if it is not known, or if this is no `Local` channel. */
  #otherHalfOf(name: string): ChannelId | undefined {
    const half = otherHalf(name)
    return half === undefined ? undefined : this.#byName.get(half)
  }

  #noteKind(bridge: string, { holding, place }: BridgeKind): void {
    if (holding || place) this.#kinds.set(bridge, { holding, ...(place && { place }) })
  }

  #enter(bridge: string, channel: ChannelId): void {
    const members = this.#members.get(bridge) ?? new Set()
    this.#members.set(bridge, members.add(channel))
    this.#bridgeOf.set(channel, bridge)
  }

  #leave(channel: ChannelId): void {
    const bridge = this.#bridgeOf.get(channel)
    if (bridge === undefined) return
    this.#bridgeOf.delete(channel)
    const members = this.#members.get(bridge)
    members?.delete(channel)
    if (members?.size === 0) this.#members.delete(bridge)
    this.#forgetName(channel)
  }

  #empty(bridge: string): void {
    for (const channel of [...(this.#members.get(bridge) ?? [])]) this.#leave(channel)
  }

  /**
   * Stores what the PBX shows of a channel in a bridge. The first context stays, because an agent may transfer an
   * external participant through contexts of the company. The side that the dialplan states may change.
   */
  #show(channel: ChannelId, { name, context, party }: ShownChannel): void {
    this.#name(channel, name)
    const known = this.#shown.get(channel)
    const first = known?.context ?? context
    // A list made before this event does not have the channel.
    if (!known) this.#changed?.add(channel)
    if (first === undefined && !party) this.#shown.delete(channel)
    else this.#shown.set(channel, { ...(first !== undefined && { context: first }), ...(party && { party }) })
  }

  #name(channel: ChannelId, name: string): void {
    if (!name) return
    this.#names.set(channel, name)
    if (otherHalf(name)) this.#byName.set(name, channel)
  }

  /** A channel has ended that is in no bridge. */
  #forget(channel: ChannelId): void {
    this.#kept.delete(channel)
    if (!this.#bridgeOf.has(channel)) this.#forgetName(channel)
  }

  #forgetName(channel: ChannelId): void {
    if (this.#kept.has(channel)) return
    const name = this.#names.get(channel)
    this.#names.delete(channel)
    if (name !== undefined && this.#byName.get(name) === channel) this.#byName.delete(name)
  }
}
