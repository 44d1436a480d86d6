// Fake: a PBX with people who talk, and what is recorded of them. It knows who can hear whom by itself.
import { Neighbours } from '../../../src/call/neighbours.js'
import type { Agreed } from '../../../src/call/parties.js'
import type { ChannelId } from '../../../src/shared/ids.js'
import type { OmittedBy } from '../../../src/shared/party-events.js'
import { BridgeBook } from '../../../src/telephony/bridge-book.js'
import { insideBy } from '../../../src/telephony/inside.js'
import { createWarningLog } from '../fakes/warning-log.js'
import type { Link, Move, Person } from './conversation-moves.js'
import { agreedIn, isEnough, type ModelCall, modelTold, newModelCall } from './model-call.js'

const PURPOSES = ['service', 'marketing'] as const
/** One for all, because it takes long to make. */
const { log } = createWarningLog()
const isInside = insideBy(['SIP/agent-*'])
const ROOMS = ['room-1', 'room-2'] as const

/** The PBX of one script, and what is recorded of its people. */
export class World {
  readonly lines: string[] = []
  pauses = 0
  ownSides = 0
  /** How often somebody was found who is to be asked, and how often somebody agreed in a conversation. */
  toAsk = 0
  agreements = 0
  #wronglyAsked: string | undefined
  #now = 0
  readonly #people: Person[] = [
    ...['caller-1', 'caller-2', 'caller-3'].map(name => this.#person(name, 'outside', true)),
    this.#person('stranger', 'outside', false),
    ...['agent-1', 'agent-2'].map(name => this.#person(name, 'inside', false)),
  ]
  readonly #links: Link[] = []
  readonly #neighbours = new Neighbours({
    callOn: channel => {
      const isOn = ({ call }: { call?: ModelCall | undefined }) => call?.channel === channel
      return (this.#people.find(isOn) ?? this.#links.find(isOn))?.call?.running
    },
    cameFromInside: () => false,
    isInside,
    onOutsider: (call, peer) => this.#found(call.channel, peer.channel),
    journal: { note() {} },
    log,
  })
  readonly #book = new BridgeBook((channel, peers, name) =>
    this.#neighbours.met(channel, { peers, at: this.#now, name }),
  )

  get #calls(): ModelCall[] {
    return [...this.#people, ...this.#links].flatMap(({ call }) => call ?? [])
  }

  carryOut(move: Move): void {
    this.#now += 1_000
    const at = <T>(list: readonly T[], i: number): T => list[i % list.length]!
    if ('room' in move && 'other' in move) {
      if (move.do === 'link') this.#link(at(ROOMS, move.room), at(ROOMS, move.other))
      else this.#unlink(move.room)
      return
    }
    const person = at(this.#people, move.who)
    if (person.gone) return
    this.lines.push(`${person.name}: ${Object.values(move).join(' ')}`)
    if (move.do === 'join') this.#move(person, at(ROOMS, move.room), move.swap)
    else if (move.do === 'park') this.#move(person, 'parking', false)
    else if (move.do === 'leave') this.#leave(person)
    else if (move.do === 'hang-up') this.#hangUp(person)
    else if (move.do === 'consult') this.#consult(person, at(ROOMS, move.room), move.yes)
    else if (move.do === 'agree') this.#agree(person, move)
    else if (person.call) this.#inCall(person, person.call, move)
  }

  /** @returns why the recording of some call is not as it must be; undefined if all are */
  findBreach(): string | undefined {
    if (this.#wronglyAsked) return this.#wronglyAsked
    for (const call of this.#calls) {
      const what = call.recorded.size > 0 ? this.#breachIn(call) : undefined
      if (what) return `the call on ${call.channel} ${what}`
    }
    return undefined
  }

  /** What is wrong with a side of a recording; undefined if nothing is. */
  #breachIn(call: ModelCall): string | undefined {
    const own = [...call.recorded].find(purpose => !agreedIn(call).has(purpose))
    const ownWhy = own && `its own caller has not agreed to ${own} here`
    const why = ownWhy ?? this.#otherWhyNot(call)
    // Whoever is behind a `Local` channel is heard on the side of its caller.
    const keepsOwn = call.rule === 'own-side' && !this.#links.some(link => link.call === call)
    const whyNot = { caller: keepsOwn ? ownWhy : why, agent: why }
    for (const side of ['caller', 'agent'] as const) {
      const kept = !call.paused || (call.paused === 'own-side' && side === 'caller')
      if (kept && call.pauseWanted) return `has the ${side}'s side although an agent paused it`
      if (kept && whyNot[side]) return `has the ${side}'s side although ${whyNot[side]}`
      if (!kept && !whyNot[side] && !call.pauseWanted)
        return `lacks the ${side}'s side (${call.paused}) for nothing`
    }
    return undefined
  }

  /** Why what is heard in a call must not be recorded now, apart from what its own caller said; undefined if it may. */
  #otherWhyNot(call: ModelCall): string | undefined {
    const own = agreedIn(call)
    for (const person of this.#heardFrom(call)) {
      if (person.call === call || (person.side === 'inside' && !this.#answeredAnywhere(person))) continue
      const theirs = this.#yesOf(person)
      for (const purpose of call.recorded)
        if (!isEnough(theirs.get(purpose), own.get(purpose)!))
          return `${person.name} has not agreed to ${purpose}`
    }
    for (const other of this.#linksHeardFrom(call))
      for (const purpose of other.agreed.size > 0 ? call.recorded : [])
        if (!isEnough(agreedIn(other).get(purpose), own.get(purpose)!))
          return `the call on ${other.channel} has not agreed`
    return undefined
  }

  #answeredAnywhere = (person: Person) => this.#calls.some(call => call.answeredBy.has(person.channel))
  #yesOf(person: Person): Agreed {
    if (person.call) return agreedIn(person.call)
    const answered = this.#calls.find(call => call.answeredBy.has(person.channel))
    return answered ? agreedIn(answered) : new Map()
  }

  /** The rooms whose people hear each other, from one room on. */
  #roomsFrom(start: readonly (string | undefined)[]): Set<string> {
    const rooms = new Set(start.filter(room => room !== undefined && room !== 'parking') as string[])
    for (const room of rooms)
      for (const link of this.#links)
        if (link.rooms.includes(room)) for (const other of link.rooms) if (other) rooms.add(other)
    return rooms
  }

  #roomsOf(call: ModelCall): Set<string> {
    const person = this.#people.find(one => one.call === call)
    return this.#roomsFrom(person ? [person.room] : this.#links.find(one => one.call === call)!.rooms)
  }

  #heardFrom = (call: ModelCall): Person[] => {
    const rooms = this.#roomsOf(call)
    return this.#people.filter(({ room }) => room !== undefined && rooms.has(room))
  }

  #linksHeardFrom = (call: ModelCall): ModelCall[] => {
    const rooms = this.#roomsOf(call)
    const linked = this.#links.filter(({ rooms: [a, b] }) => rooms.has(a) || (b && rooms.has(b)))
    return linked.flatMap(link => (link.call && link.call !== call ? link.call : []))
  }

  #person(name: string, side: Person['side'], hasCall: boolean): Person {
    const channel = `c-${name}` as ChannelId
    const call = hasCall ? this.#newCall(channel) : undefined
    return { channel, name: `SIP/${name}-00000001`, side, room: undefined, call, gone: false }
  }

  #newCall(channel: ChannelId): ModelCall {
    const paused = (by: OmittedBy) => (by === 'own-side' ? this.ownSides++ : this.pauses++)
    return newModelCall(channel, { now: () => this.#now, paused })
  }

  #inCall(person: Person, call: ModelCall, move: Move): void {
    if (move.do === 'answer') {
      // Whoever answers is in the application, and so in no bridge.
      this.#leave(person)
      call.noneLine = false
      call.rule = move.days === 7 ? 'pause' : move.purposes === 3 ? 'ask' : 'own-side'
      for (const [i, purpose] of PURPOSES.entries())
        if (move.purposes & (1 << i)) call.agreed.set(purpose, modelTold(move))
      call.elsewhere.clear()
      this.#neighbours.answersChanged(call.channel, this.#now, true)
      this.#record(call)
    } else if (move.do === 'withdraw') {
      call.agreed.clear()
      call.elsewhere.clear()
      call.recorded.clear()
      call.paused = undefined
      this.#neighbours.answersChanged(call.channel, this.#now, false)
    } else if (move.do === 'none-line') {
      this.#leave(person)
      call.noneLine = true
      this.#neighbours.answersChanged(call.channel, this.#now, false)
    } else if (move.do === 'pause-key' && call.recorded.size > 0) {
      call.pauseWanted = !call.pauseWanted
      for (const digit of '*7') call.running.pauses.key(digit, this.#now)
    }
  }

  /** Somebody is to be asked who is with a recorded caller. */
  #found(recorded: ChannelId, channel: ChannelId): void {
    if (!this.#neighbours.canBeAsked(channel)) return
    this.toAsk += 1
    const person = this.#people.find(one => one.channel === channel)
    if (!person || person.side === 'inside') this.#wronglyAsked = `${channel} is asked for ${recorded}`
  }

  /** Whoever is asked in a conversation has a call of their own from then on. */
  #agree(person: Person, { purposes, taps, ...terms }: Move & { do: 'agree' }): void {
    if (person.side === 'inside' || !this.#neighbours.canBeAsked(person.channel)) return
    this.agreements += 1
    person.call ??= this.#newCall(person.channel)
    const { call } = person
    for (const [i, purpose] of PURPOSES.entries()) {
      // A yes that holds is not asked for again.
      if (!(purposes & (1 << i)) || isEnough(call.agreed.get(purpose), modelTold(terms))) continue
      call.agreed.set(purpose, modelTold(terms))
      if (!taps) call.elsewhere.add(purpose)
    }
    this.#neighbours.answersChanged(person.channel, this.#now, true)
    if (taps) this.#record(call)
  }

  #record(call: ModelCall): void {
    for (const purpose of call.agreed.keys()) if (!call.elsewhere.has(purpose)) call.recorded.add(purpose)
    call.running.pauses.prepared(this.#now)
  }

  #move(person: Person, room: string, swap: boolean): void {
    if (!swap) this.#leave(person)
    const before = person.room
    this.#enter(room, person.channel, person.name)
    person.room = room
    // After a swap, the PBX reports the bridge that was left later.
    if (before && before !== room) this.#left(before, person.channel)
  }

  #leave(person: Person): void {
    if (person.room) this.#left(person.room, person.channel)
    person.room = undefined
  }

  #hangUp(person: Person): void {
    this.#leave(person)
    person.gone = true
    person.call = undefined
    this.#book.gone(person.channel)
    this.#neighbours.gone(person.channel, this.#now)
    for (const call of this.#calls) call.answeredBy.delete(person.channel)
  }

  #enter(bridge: string, channel: ChannelId, name: string): void {
    const holding = bridge === 'parking'
    this.#book.handle({ change: 'entered', bridge, holding, channel, name, at: this.#now })
  }

  #left(bridge: string, channel: ChannelId): void {
    this.#book.handle({ change: 'left', bridge, channel, at: this.#now })
  }

  #halves(): [[ChannelId, string], [ChannelId, string]] {
    const n = this.lines.length
    const half = (i: number): [ChannelId, string] => [`l-${n}-${i}` as ChannelId, `Local/7@x-${n};${i}`]
    return [half(1), half(2)]
  }

  #link(room: string, other: string): void {
    this.lines.push(`${room} is joined to ${other}`)
    const halves = this.#halves()
    for (const [i, [channel, name]] of halves.entries()) this.#enter([room, other][i]!, channel, name)
    this.#links.push({ halves: [halves[0][0], halves[1][0]], rooms: [room, other] })
  }

  #unlink(which: number): void {
    const link = this.#links[which % (this.#links.length || 1)]
    if (!link) return
    this.lines.push(`${link.rooms.join(' and ')} are parted`)
    this.#links.splice(this.#links.indexOf(link), 1)
    for (const channel of link.halves) {
      this.#book.gone(channel)
      this.#neighbours.gone(channel, this.#now)
    }
  }

  /** Somebody dials a line that asks, through a `Local` channel, and answers. The far half then goes to a room. */
  #consult(person: Person, to: string, yes: boolean): void {
    if (!person.room || person.room === 'parking') return
    const [[near, nearName], [far, farName]] = this.#halves()
    this.lines.push(`… through ${far}`)
    const call = this.#newCall(far)
    const link: Link = { halves: [near, far], rooms: [person.room, undefined], call }
    this.#links.push(link)
    this.#enter(person.room, near, nearName)
    this.#book.arrived(far, farName)
    if (yes) {
      for (const one of this.#heardFrom(call)) {
        if (one.call) continue
        for (const other of this.#calls) other.answeredBy.delete(one.channel)
        call.answeredBy.add(one.channel)
      }
      call.agreed.set('service', modelTold({ days: 30, version: 1 }))
      this.#neighbours.answersChanged(far, this.#now, true)
      this.#record(call)
    }
    link.rooms[1] = to
    this.#enter(to, far, farName)
  }
}
