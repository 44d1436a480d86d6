import { isLocal } from '../../core/endpoint.js'
import { event } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { Purpose } from '../../core/policy.js'
import type { Log } from '../../lib/log.js'
import type { ChannelFact, EventSink, Neighbour } from '../ports.js'
import type { RunningCall } from '../run/running-call.js'
import { Colleagues, type ColleaguesDeps } from './colleagues.js'
import { hearKeys } from './hear-keys.js'
import { type Agreed, type Party, STRANGER, type Verdicts, verdictOn } from './parties.js'

export interface NeighboursDeps extends ColleaguesDeps {
  /** Whether a call came from inside, so that it asked no questions. */
  cameFromInside(call: RunningCall): boolean
  /**
   * An external participant without agreement is with a recorded caller whose line has such participants asked. May
   * come repeatedly.
   */
  onOutsider?(call: RunningCall, peer: Neighbour): void
  /** An external participant has left a recorded caller. */
  onLeft?(call: RunningCall, channel: ChannelId): void
  journal: Pick<EventSink, 'note'>
  log: Log
}

/**
 * An external participant beside a recorded caller: the call in which that person was asked, if any, and whether the
 * person has agreed.
 */
interface Present {
  party: CallId | null
  agreed: boolean
}

/**
 * Which channels hear each other. Pauses a caller's recordings as soon as an external participant without agreement is
 * audible, or by the line's rule leaves out what the caller hears. Resumes them when every participant has agreed. The
 * keys of internal participants pause recordings.
 */
export class Neighbours {
  readonly #deps: NeighboursDeps
  /** Whether the PBX reports joins. If not, a participant without agreement is assumed in every conversation. */
  followed = true
  /** Which participants belong to the company. */
  readonly colleagues: Colleagues
  /** The channels that each channel can hear. */
  readonly #peers = new Map<ChannelId, readonly Neighbour[]>()
  /** Of each recorded caller: the near channels whose keys count as an agent's. */
  readonly #agents = new Map<ChannelId, Set<ChannelId>>()
  /**
   * By participant: the call, on a half of a `Local` channel, whose questions the participant answered from behind it.
   * That call's yes is this participant's, and not that of a later one there.
   */
  readonly #answeredIn = new Map<ChannelId, ChannelId>()
  /** Answers given on halves of `Local` channels, and their givers. */
  readonly #behind: BehindLocal
  /** Halves of `Local` channels. */
  readonly #local = new Set<ChannelId>()
  /** Channels with one person on their side: not `Local` channels, behind which others may come. */
  readonly #alone = new Set<ChannelId>()
  /** Channels that have put the other side on hold. */
  readonly #holding = new Set<ChannelId>()
  /** By each recorded caller: the external participants. */
  readonly #outside = new Map<ChannelId, ReadonlyMap<ChannelId, Present>>()

  constructor(deps: NeighboursDeps) {
    this.#deps = deps
    this.colleagues = new Colleagues(deps)
    this.#behind = new BehindLocal(deps, this.colleagues)
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    const all = [this.#peers, this.#agents, this.#answeredIn, this.#behind, this.#local, this.#alone]
    return [...all, this.#holding, this.#outside, this.colleagues].reduce((sum, { size }) => sum + size, 0)
  }

  /** A channel hears exactly these others. `at`: since when, ms since the epoch. */
  met(channel: ChannelId, { name, peers, at }: Omit<Extract<ChannelFact, { fact: 'with' }>, 'fact'>): void {
    const former = this.#peers.get(channel) ?? []
    if (peers.length > 0) this.#peers.set(channel, peers)
    else this.#peers.delete(channel)
    for (const peer of peers) if (!isLocal(peer)) this.#alone.add(peer.channel)
    if (name && isLocal({ name })) {
      this.#local.add(channel)
      this.#alone.delete(channel)
    } else if (name) this.#alone.add(channel)
    const call = this.#deps.callOn(channel)
    this.#forgetUnheard([channel, ...former.map(peer => peer.channel)])
    if (!call) return
    this.colleagues.met(call, peers)
    this.#review(call, at)
  }

  /** A channel has begun or ended a hold of the other side. @param at ms since the epoch */
  held(channel: ChannelId, on: boolean, at: number): void {
    if (on) this.#holding.add(channel)
    else this.#holding.delete(channel)
    const call = this.#deps.callOn(channel)
    if (call) this.#review(call, at)
    this.#reviewAround(channel, at)
  }

  /** Ends all holds here, because the end of a hold may be missed from now on. @param at ms since the epoch */
  forgetHolds(at: number): void {
    for (const channel of [...this.#holding]) this.held(channel, false, at)
  }

  /**
   * The answers or the line of the call on a channel have changed, or a pause has ended.
   * @param agreed whether there is a new yes
   */
  answersChanged(channel: ChannelId, at: number, agreed: boolean): void {
    const call = this.#deps.callOn(channel)
    if (!call) return
    const peers = this.peersOf(channel)
    // A participant known to be alone on a channel answers only for that channel.
    if (agreed && !this.#alone.has(channel))
      for (const peer of peers) this.#answeredIn.set(peer.channel, channel)
    if (this.#local.has(channel)) this.#behind.answered(call, peers)
    this.#review(call, at)
    this.#reviewAround(channel, at)
  }

  /**
   * A channel has ended with its call, so a yes that another participant gave there no longer holds.
   * @param at ms since the epoch
   */
  gone(channel: ChannelId, at: number): void {
    const former = this.#peers.get(channel) ?? []
    for (const all of [this.#peers, this.#agents, this.#outside, this.#answeredIn, this.#alone])
      all.delete(channel)
    for (const all of [this.#holding, this.#behind, this.#local, this.colleagues]) all.delete(channel)
    for (const agents of this.#agents.values()) agents.delete(channel)
    this.#forgetUnheard(former.map(peer => peer.channel))
    for (const [person, call] of this.#answeredIn) {
      if (call !== channel) continue
      this.#answeredIn.delete(person)
      this.#reviewAround(person, at)
    }
  }

  /** The callers whom this channel's keys pause or have asked. */
  callersOf(agent: ChannelId): ChannelId[] {
    return [...this.#agents].flatMap(([caller, agents]) => (agents.has(agent) ? caller : []))
  }

  /** Whether the person on a channel can be asked: the only one on this side, in a conversation with audible others. */
  canBeAsked(channel: ChannelId): boolean {
    if (!this.#alone.has(channel)) return false
    // The channels that hear a participant may be reported before the participant's own.
    return this.#peers.has(channel) || this.#isHeard(channel)
  }

  /** Whom a channel can hear. */
  peersOf = (channel: ChannelId): readonly Neighbour[] => this.#peers.get(channel) ?? []

  /** Whether another channel can be heard by a channel. */
  isWith(channel: ChannelId, other: ChannelId): boolean {
    return this.peersOf(channel).some(peer => peer.channel === other)
  }

  /** Whether any channel hears this one. */
  #isHeard(channel: ChannelId): boolean {
    return [...this.#peers.values()].some(peers => peers.some(peer => peer.channel === channel))
  }

  /** Forgets channels without a call that no channel hears: the PBX does not report their end. */
  #forgetUnheard(channels: readonly ChannelId[]): void {
    for (const channel of channels) {
      if (this.#peers.has(channel) || this.#deps.callOn(channel) || this.#isHeard(channel)) continue
      for (const all of [this.#local, this.#alone]) all.delete(channel)
    }
  }

  /** Reviews the calls that can hear a channel. */
  #reviewAround(channel: ChannelId, at: number): void {
    for (const peer of this.#peers.get(channel) ?? []) {
      const call = this.#deps.callOn(peer.channel)
      if (call) this.#review(call, at)
    }
  }

  #review(call: RunningCall, at: number): void {
    const { channel, standing } = call
    const { recorded } = standing
    const peers = this.#peers.get(channel) ?? []
    const parties = peers.flatMap((peer): [Neighbour, Party][] => {
      const party = this.#partyAt(peer, channel)
      return party ? [[peer, party]] : []
    })
    const outside = parties.filter(([, { side }]) => side === 'outside')
    if (recorded.length > 0) this.#noteOutside(call, outside, at)
    if (recorded.length > 0 || standing.asksByKey) {
      const strangers = new Set(outside.map(([peer]) => peer.channel))
      this.#hearKeys(
        call,
        peers.filter(peer => peer.near && !strangers.has(peer.channel)),
      )
    }
    const others = [...parties.map(([, party]) => party), ...(this.followed ? [] : [STRANGER])]
    const rule = this.#alone.has(channel) ? standing.onOutsider : 'pause'
    const held = standing.onHold === 'pause' && this.#isHeld(channel, parties)
    const agreed = this.#behind.agreedIn(call)
    const verdicts: Verdicts = new Map(
      recorded.map(purpose => [purpose, verdictOn([purpose], agreed, others, rule, held)]),
    )
    call.pauses.judge(verdicts, at)
    if (rule !== 'ask') return
    const isBarredBy = (party: Party) =>
      recorded.some(purpose => verdictOn([purpose], agreed, [party]) === 'party')
    for (const [peer, party] of outside)
      if (this.#isOutsider(peer, channel) && isBarredBy(party)) this.#deps.onOutsider?.(call, peer)
  }

  /** Whether a channel belongs to an external participant. A company phone that answered a question does not. */
  #isOutsider(peer: Neighbour, caller: ChannelId): boolean {
    const isCaller = this.#deps.callOn(peer.channel) !== undefined
    return isCaller ? this.colleagues.isNamed(peer) !== true : !this.colleagues.isInside(caller, peer)
  }

  /**
   * Whether the channel has no conversation: it is alone, or one side holds. Behind a `Local` channel may be a voice of
   * the PBX.
   */
  #isHeld(channel: ChannelId, parties: readonly [Neighbour, Party][]): boolean {
    if (this.#holding.has(channel) || !this.#peers.has(channel)) return true
    return parties.length > 0 && parties.every(([peer]) => this.#holding.has(peer.channel))
  }

  /** @param caller the caller beside it @returns undefined for a channel without a participant of its own */
  #partyAt(peer: Neighbour, caller: ChannelId): Party | undefined {
    const { callOn, cameFromInside } = this.#deps
    if (this.#behind.areOne(peer.channel, caller)) return undefined
    const call = callOn(peer.channel)
    if (isLocal(peer) && (!call || cameFromInside(call) || !call.standing.answered)) return undefined
    if (call) {
      const known = this.colleagues.isNamed(peer) === true || cameFromInside(call)
      if (known) return { side: 'inside' }
      return { side: 'outside', agreed: this.#behind.agreedIn(call), also: this.#behind.agreedBesides(call) }
    }
    const answered = this.colleagues.isNamed(peer) !== true && this.#callOf(peer.channel)
    if (answered) return { side: 'outside', agreed: answered.standing.agreed }
    const inside = this.colleagues.isInside(caller, peer)
    return inside ? { side: 'inside' } : STRANGER
  }

  #noteOutside(call: RunningCall, outside: readonly [Neighbour, Party][], at: number): void {
    const { channel: own, id, standing } = call
    const before = this.#outside.get(own) ?? new Map<ChannelId, Present>()
    const held = standing.recorded.filter(purpose => standing.agreed.has(purpose))
    const hasAgreed = (party: Party) =>
      held.length > 0 && verdictOn(held, standing.agreed, [party]) === 'record'
    const now = new Map(
      outside.map(([{ channel }, party]) => {
        // A participant's own call may end before the participant is seen to leave.
        const of = this.#callOf(channel)?.id ?? before.get(channel)?.party ?? null
        return [channel, { party: of, agreed: hasAgreed(party) }]
      }),
    )
    this.#outside.set(own, now)
    const { journal, onLeft } = this.#deps
    for (const [channel, { party, agreed }] of now) {
      const known = before.get(channel)
      if (known === undefined) journal.note(event('call.party-joined', id, at, { party, agreed }))
      else if (agreed && !known.agreed) journal.note(event('call.party-agreed', id, at, { party }))
    }
    for (const [channel, { party }] of before) {
      if (now.has(channel)) continue
      const left = this.#callOf(channel)?.id ?? party
      journal.note(event('call.party-left', id, at, { party: left }))
      onLeft?.(call, channel)
    }
  }

  /** The call in which the participant on a channel was asked: the own call, or one behind a `Local` channel. */
  #callOf(channel: ChannelId): RunningCall | undefined {
    const { callOn } = this.#deps
    const answeredIn = this.#answeredIn.get(channel)
    return callOn(channel) ?? (answeredIn && callOn(answeredIn))
  }

  #hearKeys(call: RunningCall, near: readonly Neighbour[]): void {
    const known = this.#agents.get(call.channel) ?? new Set()
    const agents = new Set(near.map(({ channel }) => channel))
    this.#agents.set(call.channel, agents)
    for (const agent of agents) {
      if (known.has(agent)) continue
      const isThere = () => this.#agents.get(call.channel)?.has(agent) === true
      void hearKeys(call, agent, isThere, this.#deps.log)
    }
  }
}

interface BehindLocalDeps extends Pick<ColleaguesDeps, 'callOn'> {
  /** Whether a call came from inside, so that it asked no questions. */
  cameFromInside(call: RunningCall): boolean
}

/** Answers given on halves of `Local` channels. A caller whom a phone redirects by 302 is asked on such a half. */
class BehindLocal {
  readonly #deps: BehindLocalDeps
  readonly #colleagues: Colleagues
  /** A caller and the half on which the same person was asked. */
  readonly #people = new SamePerson()
  /**
   * Refusals on a half by callers who also have a call of their own. They hold after the half has ended, because the
   * person is the same.
   */
  readonly #refused = new Map<ChannelId, Set<Purpose>>()

  constructor(deps: BehindLocalDeps, colleagues: Colleagues) {
    this.#deps = deps
    this.#colleagues = colleagues
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#people.size + this.#refused.size
  }

  /**
   * The questions on a half were answered.
   * @param peers the participants behind it. A half in a conversation has other peers, and is left out
   */
  answered(call: RunningCall, peers: readonly Neighbour[]): void {
    const { channel: half, standing } = call
    if (!standing.answered || peers.some(({ near }) => near)) return
    const people = peers.filter(({ name }) => !isLocal({ name }))
    // With several participants, any of them may have answered.
    if (people.length === 1 && !this.#deps.cameFromInside(call)) this.#people.join(people[0]!.channel, half)
    for (const { channel, name } of peers) {
      const own = this.#deps.callOn(channel)
      if (!own && !isLocal({ name })) this.#colleagues.answered(channel)
      if (!own || this.#deps.cameFromInside(own)) continue
      const refused = this.#refused.get(channel) ?? new Set()
      for (const purpose of standing.agreed.keys()) refused.delete(purpose)
      for (const purpose of standing.refused) refused.add(purpose)
      this.#refused.set(channel, refused)
    }
  }

  /** Whether two channels are one person, so that neither is an outsider to the other. */
  areOne(channel: ChannelId, other: ChannelId): boolean {
    return this.#people.areOne(channel, other)
  }

  /**
   * What a caller's answers allow, without refusals by the same person on a half.
   * @param agreed what the answers allow
   */
  agreedIn({ channel, standing }: RunningCall, agreed = standing.agreed): Agreed {
    const refused = this.#refused.get(channel)
    return refused ? new Map([...agreed].filter(([purpose]) => !refused.has(purpose))) : agreed
  }

  /** Other agreements of a call's person: for the recordings of other calls, and on other channels. */
  agreedBesides(call: RunningCall): Agreed[] {
    const others = this.#people.othersOf(call.channel).flatMap(one => this.#deps.callOn(one) ?? [])
    return [this.agreedIn(call, call.standing.elsewhere), ...others.map(one => this.agreedIn(one))]
  }

  /** A channel has ended. */
  delete(channel: ChannelId): void {
    this.#people.delete(channel)
    this.#refused.delete(channel)
  }
}

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
