// Fake: a PBX with people on phones. It knows who hears whom by itself.

import type { BridgeChange, ListedBridge } from '../../../src/call/parties/bridge-book.js'
import type { ChannelFact, Whereabouts } from '../../../src/call/ports.js'
import type { ChannelId } from '../../../src/core/ids.js'
import type { Moods } from './conversation-moves.js'

export const PARKING = 'parking'
export const ROOMS = ['room-1', 'room-2'] as const

/** Somebody's phone, or the far half of a `Local` channel. */
export class Phone {
  room: string | undefined
  /** The number that was dialled, while the service has the channel. */
  asking: string | undefined
  /** Whether it holds the other side, as far as the service may know. */
  holds = false
  /** Whom the dialplan dials for it, and who is heard before answering. `known`: the service was told so. */
  dials: { phone: Phone; known: boolean; isColleague: boolean } | undefined
  moods: Moods = { service: 'no', marketing: 'no' }

  constructor(
    readonly channel: ChannelId,
    readonly name: string,
    readonly side: 'inside' | 'outside' | 'local',
    public gone = false,
  ) {}
}

/** A `Local` channel that joins two rooms. On the far half there may be a call. */
export interface Link {
  near: { channel: ChannelId; name: string }
  far: Phone
  rooms: [string, string | undefined]
  /** Who answered questions through it. `known`: the service has not been restarted since. */
  answered?: { by: Phone; known: boolean }
}

/** What the PBX reports. */
export interface Reports {
  bridge(change: BridgeChange): void
  fact(channel: ChannelId, fact: ChannelFact): void
  /** The end of a channel. */
  ended(channel: ChannelId): void
  now(): number
}

type Place = Readonly<{ channel: ChannelId; name: string }>

export class Exchange {
  readonly links: Link[] = []
  readonly phones: Phone[]
  /** Who is with whom has changed. */
  onMoved = () => {}
  #halves = 0
  #dialled = 0

  constructor(private readonly reports: Reports) {
    const phone = (name: string, side: 'inside' | 'outside') =>
      new Phone(`c-${name}` as ChannelId, `SIP/${name}-00000001`, side)
    this.phones = [
      ...['caller-1', 'caller-2', 'caller-3', 'stranger-1', 'stranger-2'].map(one => phone(one, 'outside')),
      ...['agent-1', 'agent-2'].map(one => phone(one, 'inside')),
    ]
  }

  /** Everybody whom a phone can hear. Of those who have not answered, only those of whom the service may know. */
  heard(by: Phone): Phone[] {
    const rooms = this.#roomsOf(by)
    const here = this.phones.filter(
      one => one !== by && one.side !== 'local' && one.room !== undefined && rooms.has(one.room),
    )
    return by.dials?.known && !here.includes(by.dials.phone) ? [...here, by.dials.phone] : here
  }

  /** The `Local` channels through which a phone hears something, or may. */
  linksNear(phone: Phone): Link[] {
    const rooms = this.#roomsOf(phone)
    return this.links.filter(
      ({ far, rooms: [a, b] }) => far !== phone && (rooms.has(a) || (b !== undefined && rooms.has(b))),
    )
  }

  #roomsOf(phone: Phone): Set<string> {
    const link = this.links.find(({ far }) => far === phone)
    const start = link ? link.rooms : [phone.room]
    const rooms = new Set(start.filter(one => one !== undefined && one !== PARKING) as string[])
    for (const room of rooms)
      for (const { rooms: joined } of this.links)
        if (joined.includes(room)) for (const one of joined) if (one !== undefined) rooms.add(one)
    return rooms
  }

  move(phone: Phone, room: string, swap: boolean): void {
    if (!swap) this.leave(phone)
    const before = phone.room
    this.enter(room, phone)
    phone.room = room
    this.onMoved()
    // After a swap, the PBX reports the bridge that was left later.
    if (before !== undefined && before !== room) this.#left(before, phone)
  }

  leave(phone: Phone): void {
    if (phone.room !== undefined) this.#left(phone.room, phone)
    phone.room = undefined
    this.onMoved()
  }

  hangUp(phone: Phone): void {
    this.endDial(phone, 'over')
    phone.gone = true
    phone.holds = false
    for (const one of this.phones) if (one.dials?.phone === phone) this.endDial(one, 'over')
    this.leave(phone)
    this.reports.ended(phone.channel)
  }

  hold(phone: Phone): void {
    phone.holds = !phone.holds
    this.#fact(phone, { fact: 'held', on: phone.holds, at: this.reports.now() })
  }

  dial(phone: Phone, whom: Phone, how: Omit<NonNullable<Phone['dials']>, 'phone'>): void {
    phone.dials = { phone: whom, ...how }
    this.#dialFact(phone, whom, 'heard')
  }

  /** Somebody who does not answer is another channel when dialled again. */
  endDial(phone: Phone, stage: 'answered' | 'over'): void {
    const dialled = phone.dials?.phone
    phone.dials = undefined
    if (!dialled) return
    this.#dialFact(phone, dialled, stage)
    if (stage === 'answered' || dialled.gone) return
    const [place, n] = [this.phones.indexOf(dialled), ++this.#dialled]
    this.hangUp(dialled)
    const channel = `${dialled.channel}-${n}` as ChannelId
    this.phones[place] = new Phone(channel, dialled.name.replace(/\d+$/, String(n + 1)), dialled.side)
  }

  /** A `Local` channel is made. Its near half is in a room. */
  halves(room: string): Link {
    const n = ++this.#halves
    const near = { channel: `l-${n}-1` as ChannelId, name: `Local/7@x-${n};1` }
    const far = new Phone(`l-${n}-2` as ChannelId, `Local/7@x-${n};2`, 'local')
    const link: Link = { near, far, rooms: [room, undefined] }
    this.links.push(link)
    this.phones.push(far)
    this.enter(room, near)
    return link
  }

  /** Its far half comes to a room. */
  connect(link: Link, room: string): void {
    if (link.far.gone) return
    link.rooms[1] = room
    link.far.room = room
    this.onMoved()
    this.enter(room, link.far)
  }

  unlink(link: Link): void {
    this.links.splice(this.links.indexOf(link), 1)
    this.#left(link.rooms[0], link.near)
    this.hangUp(link.far)
    this.reports.ended(link.near.channel)
  }

  enter(bridge: string, { channel, name }: Place): void {
    const holding = bridge === PARKING
    this.reports.bridge({ change: 'entered', bridge, holding, channel, name, at: this.reports.now() })
  }

  /** What the PBX lists: its bridges, and its channels with their names. */
  list(): { bridges: ListedBridge[]; shown: Map<ChannelId, { name: string }> } {
    const there = this.#all()
    const bridges = [...ROOMS, PARKING].map(id => ({
      ...{ id, holding: id === PARKING },
      channels: there.flatMap(({ channel, room }) => (room === id ? channel : [])),
    }))
    return { bridges, shown: new Map(there.map(({ channel, name }) => [channel, { name }])) }
  }

  whereabouts(): Map<ChannelId, Whereabouts> {
    return new Map(
      this.#all().map(({ channel, name, asking: number }) => [
        channel,
        number === undefined ? { in: 'dialplan' } : { in: 'app', number, caller: '7999', name },
      ]),
    )
  }

  #all(): (Place & { room?: string | undefined; asking?: string | undefined })[] {
    const near = this.links.map(link => ({ ...link.near, room: link.rooms[0] }))
    return [...this.phones.filter(({ gone }) => !gone), ...near]
  }

  #left(bridge: string, { channel }: Place): void {
    this.reports.bridge({ change: 'left', bridge, channel, at: this.reports.now() })
  }

  #dialFact(phone: Phone, { channel, name }: Phone, stage: 'heard' | 'answered' | 'over'): void {
    const peer = { channel, name, near: false, early: true } as const
    this.#fact(phone, { fact: 'dials', peer, stage, at: this.reports.now() })
  }

  #fact({ channel }: Phone, fact: ChannelFact): void {
    this.reports.fact(channel, fact)
  }
}
