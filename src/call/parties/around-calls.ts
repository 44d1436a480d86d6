import type { Clock } from '../../core/clock.js'
import { endpointOf, isLocal } from '../../core/endpoint.js'
import { event } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { InquiryBy } from '../../core/party-events.js'
import type { LinePolicy } from '../../core/policy.js'
import { isProbeChannel } from '../../core/probe-call.js'
import { endpointForJournal } from '../../core/trial.js'
import type {
  Arrival,
  CallChannel,
  ChannelFact,
  EventSink,
  Neighbour,
  ShownChannel,
  Spying,
} from '../ports.js'
import type { NotAsked } from '../run/inquiry-request.js'
import type { CallDeps, RunningCall } from '../run/running-call.js'
import { SideWatch } from '../run/side-watch.js'
import { AgentsPresent } from './agents-present.js'
import { AskKeys } from './ask-keys.js'
import { EarlyPeers } from './early-peers.js'
import { Neighbours } from './neighbours.js'
import { Outsiders } from './outsiders.js'
import { PbxRecordings } from './pbx-recordings.js'

export interface AroundCallsDeps extends Pick<CallDeps, 'journal' | 'recorder' | 'clock' | 'log'> {
  /** The call on a channel that has not ended; undefined if none exists. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** The call of an id that has not ended; undefined if none exists. */
  callById(id: CallId): RunningCall | undefined
  /** Gives orders to any channel of the PBX; undefined before the PBX is heard. */
  channelOf(channel: ChannelId): CallChannel | undefined
  /** Whether a call came from inside, so that it asked no questions. */
  cameFromInside(call: RunningCall): boolean
  /** Whether a channel belongs to the company; undefined if neither settings nor dialplan say. */
  isInside(channel: ShownChannel): boolean | undefined
  /** Begins a call for a participant who has joined a recorded one, see `Outsiders`. */
  follow(channel: ChannelId, line: LinePolicy, recorded: CallId): Promise<RunningCall | undefined>
  /** Whether the line currently asks no callers, because calls are shed. */
  isShedding(line: LinePolicy): boolean
  /** Whether the service has the PBX stop its own recordings of calls that are asked. */
  stopsPbxRecordings: boolean
}

/**
 * Follows what surrounds the calls: their participants, holds, sides of a recording that may go silent, and recordings
 * by the PBX. A fact may concern calls on other channels than its own.
 */
export class AroundCalls {
  readonly #deps: AroundCallsDeps
  readonly neighbours: Neighbours
  readonly sides: SideWatch
  readonly pbxRecordings: PbxRecordings
  readonly outsiders: Outsiders
  readonly spies: Spies
  readonly #agents: AgentsPresent
  readonly #askKeys: AskKeys
  readonly #early: EarlyPeers

  constructor(deps: AroundCallsDeps) {
    this.#deps = deps
    this.neighbours = new Neighbours({
      ...deps,
      onOutsider: (call, peer) => {
        // A participant who has not answered the phone yet cannot be asked.
        if (this.#early.has(call.channel, peer.channel)) return
        if (deps.recorder.recordedPurposes(call.id).length > 0) this.outsiders.here(call, peer)
      },
      onLeft: (call, channel) => this.outsiders.left(call, channel),
    })
    const canBeAsked = this.neighbours.canBeAsked.bind(this.neighbours)
    const isWith = this.neighbours.isWith.bind(this.neighbours)
    this.outsiders = new Outsiders({ ...deps, canBeAsked, isWith })
    this.#askKeys = new AskKeys(call => this.ask(call, 'agent'))
    this.sides = new SideWatch(deps)
    this.pbxRecordings = new PbxRecordings(deps)
    const { colleagues } = this.neighbours
    const isNamed = colleagues.isNamed.bind(colleagues)
    this.spies = new Spies({ ...deps, isNamed, peersOf: this.neighbours.peersOf })
    this.#agents = new AgentsPresent({ ...deps, isNamed: peer => colleagues.isNamed(peer) === true })
    const changed = (channel: ChannelId, at: number) => this.#reviewWith(channel, at)
    this.#early = new EarlyPeers({
      ...{ clock: deps.clock, changed, isInside: (...who) => colleagues.isInside(...who) },
      hasCall: channel => deps.callOn(channel) !== undefined,
      behind: async ({ channel, name }) => deps.channelOf(channel)?.behind(name),
    })
  }

  /** Number of entries about channels. It is 0 without channels. */
  get remembered(): number {
    const { neighbours, sides, pbxRecordings, outsiders, spies } = this
    const all = [neighbours, sides, pbxRecordings, outsiders, spies, this.#agents, this.#askKeys, this.#early]
    return all.reduce((sum, { size }) => sum + size, 0)
  }

  /** A channel has come to a line. @returns whether it belongs to the company, so that it is not asked */
  arrived({ channel: { id }, name = '', party, consults = false }: Arrival): boolean {
    this.neighbours.colleagues.arrived(id)
    this.sides.arrived(id, name)
    // The channel's context is that of consentry.conf, and says nothing.
    const isInside = () => this.#deps.isInside({ name, ...(party && { party }) }) === true
    return !isProbeChannel(id) && (consults || isInside())
  }

  /** Handles a fact about any channel, before the call on that channel does. */
  handle(channel: ChannelId, fact: ChannelFact): void {
    if (fact.fact === 'with') {
      const peers = this.#early.join(channel, fact.peers)
      this.neighbours.met(channel, { ...fact, peers })
      this.sides.met(channel, fact.peers, fact.name)
      this.#agents.met(channel, fact)
      this.pbxRecordings.connected(channel, fact.peers)
    } else if (fact.fact === 'transferred') this.#agents.transferred(channel, fact)
    else if (fact.fact === 'dials') this.#early.heard(channel, fact)
    else if (fact.fact === 'held') {
      this.neighbours.held(channel, fact.on, fact.at)
      const callers = this.neighbours.callersOf(channel)
      for (const one of [channel, ...callers]) this.sides.held(one, fact.on)
      this.#agents.held(channel, callers, fact)
    } else if (fact.fact === 'pbx-records') this.pbxRecordings.began(channel)
    else if (fact.fact === 'key')
      for (const caller of this.neighbours.callersOf(channel)) {
        const call = this.#deps.callOn(caller)
        call?.pauses.key(fact.digit, fact.at)
        if (call) this.#askKeys.key(call, fact.digit, fact.at)
      }
  }

  /**
   * The answers or the line of the call on a channel have changed, or a pause has ended.
   * @param agreed whether there is a new yes
   */
  answersChanged(channel: ChannelId, at: number, agreed: boolean): void {
    this.neighbours.answersChanged(channel, at, agreed)
    this.outsiders.answersChanged(channel)
  }

  /**
   * Asks the person of a call, in the conversation, for the purposes of the line without a yes. If the call was begun
   * only because the person joined a recorded one, the question is for that recorded call.
   *
   * @returns the reason if the person is not asked
   */
  ask(call: RunningCall, by: InquiryBy): 'asked' | NotAsked {
    if (this.#deps.cameFromInside(call)) return 'from-inside'
    if (!this.neighbours.canBeAsked(call.channel)) return 'not-talking'
    if (call.outsider.joined !== null) return this.outsiders.askAgain(call, by)
    return this.#deps.isShedding(call.line) ? 'shed' : call.ask({ by })
  }

  /**
   * All bridges of the PBX were compared, so the participants of these channels are known again.
   * @param at ms since the epoch
   */
  bridgesCompared(channels: readonly ChannelId[], at: number): void {
    for (const channel of channels)
      if (this.#deps.callOn(channel)?.pauses.endDoubt()) this.#reviewWith(channel, at)
  }

  /**
   * Reviews a call after a change of the participants who are heard before they answer, or of what is known about a
   * participant.
   */
  #reviewWith(channel: ChannelId, at: number): void {
    const peers = this.neighbours.peersOf(channel).filter(({ early }) => !early)
    this.neighbours.met(channel, { peers: this.#early.join(channel, peers), at })
  }

  /** Call this before the PBX is asked for its channels. @returns a function that applies the list. A comparison of bridges follows */
  beginList(): (channels: ReadonlyMap<ChannelId, unknown>) => void {
    const takeIn = this.#early.beginList()
    return channels => {
      takeIn(channels)
      this.neighbours.colleagues.listed(channels)
    }
  }

  /** Forgets all holds, because the end of a hold may be missed from now on. @param at ms since the epoch */
  forgetHolds(at: number): void {
    this.neighbours.forgetHolds(at)
    this.sides.forgetHolds()
  }

  /** A channel has ended, and the call on it, if any. @param at ms since the epoch @param call that call */
  gone(channel: ChannelId, at: number, call?: CallId): void {
    this.outsiders.gone(channel, call)
    this.neighbours.gone(channel, at)
    this.sides.gone(channel)
    this.#agents.gone(channel, at)
    this.#askKeys.gone(channel)
    this.#early.gone(channel, at)
    this.pbxRecordings.gone(channel)
    this.spies.gone(channel)
  }
}

/** How long an external spy is remembered, ms. A spy may leave before the alarm is noticed. */
const REMEMBERED_MS = 10 * 60_000

interface SpiesDeps {
  /** The call on a channel that has not ended; undefined if none exists. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** The channels that a channel hears in a conversation. */
  peersOf(channel: ChannelId): readonly Neighbour[]
  /** Whether settings or dialplan say that a participant belongs to the company; undefined if they do not say. */
  isNamed(peer: Neighbour): boolean | undefined
  journal: Pick<EventSink, 'note'>
  clock: Pick<Clock, 'elapsed'>
}

/** A spy, and the caller whom the spy may hear. */
interface Present {
  endpoint: string
  caller: ChannelId
  isOutside: boolean
}

/**
 * Journals who spies on calls (`ChanSpy`). No event and no bridge shows a spy, so the PBX's list of channels is read.
 * This class never affects a recording: a spy's voice is in none.
 */
export class Spies {
  readonly #deps: SpiesDeps
  /** By the spy's channel and the caller's channel. */
  readonly #here = new Map<string, Present>()
  /** When an external spy was last present, by the monotonic clock, ms. */
  #outsideAt: number | undefined

  constructor(deps: SpiesDeps) {
    this.#deps = deps
  }

  /** Whether an external spy listens to a call, or did within the last ten minutes. */
  get fromOutside(): boolean {
    if ([...this.#here.values()].some(({ isOutside }) => isOutside)) return true
    return this.#outsideAt !== undefined && this.#deps.clock.elapsed() - this.#outsideAt < REMEMBERED_MS
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#here.size
  }

  /** Applies the PBX's list of spies. @param at ms since the epoch */
  listed(spies: readonly Spying[], at: number): void {
    const now = new Set<string>()
    for (const spy of spies) {
      const callers = this.#heardBy(spy)
      for (const caller of callers) {
        const key = `${spy.channel} ${caller}`
        now.add(key)
        if (!this.#here.has(key)) this.#begin(key, spy, caller, callers.size - 1, at)
      }
    }
    for (const key of [...this.#here.keys()]) if (!now.has(key)) this.#end(key, at)
  }

  /** A channel has ended. The end of its call also ends the spying on it. */
  gone(channel: ChannelId): void {
    for (const [key, one] of this.#here) if (one.caller === channel) this.#forget(key, one)
  }

  /** The callers whom a spy may hear: on one of these channels, or in a conversation with one. */
  #heardBy({ channel, hears }: Spying): Set<ChannelId> {
    const callers = hears.flatMap(one => [one, ...this.#deps.peersOf(one).map(peer => peer.channel)])
    return new Set(callers.filter(one => one !== channel && this.#deps.callOn(one)))
  }

  /** The person who spies. For a `Local` channel, the only participant behind it. */
  #personOf(spying: Spying): Neighbour {
    const { channel, hears: _, mode: __, half, ...shown } = spying
    const behind = half ? this.#deps.peersOf(half).filter(peer => !isLocal(peer)) : []
    return behind.length === 1 ? behind[0]! : { channel, near: false, ...shown }
  }

  #begin(key: string, spying: Spying, caller: ChannelId, others: number, at: number): void {
    const person = this.#personOf(spying)
    const endpoint = endpointForJournal(endpointOf(person.name))
    const inside = this.#deps.isNamed(person) ?? null
    this.#here.set(key, { endpoint, caller, isOutside: inside === false })
    const said = { endpoint, mode: spying.mode, inside, others }
    this.#deps.journal.note(event('call.spied', this.#deps.callOn(caller)!.id, at, said))
  }

  #end(key: string, at: number): void {
    const one = this.#here.get(key)!
    this.#forget(key, one)
    const call = this.#deps.callOn(one.caller)
    if (call) this.#deps.journal.note(event('call.spy-left', call.id, at, { endpoint: one.endpoint }))
  }

  #forget(key: string, { isOutside }: Present): void {
    this.#here.delete(key)
    if (isOutside) this.#outsideAt = this.#deps.clock.elapsed()
  }
}
