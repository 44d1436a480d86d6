import { endpointOf, isLocal } from '../../core/endpoint.js'
import { type CallEvent, event } from '../../core/events.js'
import type { ChannelId } from '../../core/ids.js'
import type { HoldBy } from '../../core/party-events.js'
import { endpointForJournal } from '../../core/trial.js'
import type { ChannelFact, EventSink, Neighbour, Place, ShownChannel } from '../ports.js'
import type { RunningCall } from '../run/running-call.js'

type FactOf<F extends ChannelFact['fact']> = Omit<Extract<ChannelFact, { fact: F }>, 'fact'>

export interface AgentsPresentDeps {
  /** The call on a channel that has not ended; undefined if none exists. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether settings or dialplan say of a channel that it belongs to the company. */
  isNamed(peer: Neighbour): boolean
  /** Whether a channel belongs to the company, by its own properties alone; undefined if these do not say it. */
  isInside(channel: ShownChannel): boolean | undefined
  journal: Pick<EventSink, 'note'>
}

/** The events of a caller who enters and leaves a place of the PBX. */
const PLACE_EVENTS = {
  parked: ['call.parked', 'call.unparked'],
  conference: ['call.conference-joined', 'call.conference-left'],
} as const

/** The company's phones in one recorded conversation, and where the caller is. */
interface Company {
  /** Their endpoints, as the journal names them. */
  here: Map<ChannelId, string>
  /** The phone that joined last. */
  last: string | null
  /** The kind of hold, by the channel that holds. */
  holding: Map<ChannelId, HoldBy>
  /** Place of the caller; undefined in a plain conversation and outside of any. */
  place: Place | undefined
  /** Resolves when all events so far are noted. */
  noted: Promise<void>
}

/**
 * Journals, in order, which company phones talk with a recorded caller, who puts the other side on hold, and where the
 * PBX moves the caller. Agents are named by their phones, so only phones that settings or dialplan name as the
 * company's are journalled. This class never affects a recording.
 */
export class AgentsPresent {
  readonly #deps: AgentsPresentDeps
  readonly #of = new Map<ChannelId, Company>()

  constructor(deps: AgentsPresentDeps) {
    this.#deps = deps
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#of.size
  }

  /** A channel is with exactly these others. */
  met(channel: ChannelId, { peers, place, at }: FactOf<'with'>): void {
    const call = this.#recordedOn(channel)
    if (!call) return
    const company = this.#companyOf(channel)
    const { here } = company
    const now = new Map(peers.filter(peer => this.#isAgent(peer)).map(peer => [peer.channel, nameOf(peer)]))
    const present = new Set([channel, ...peers.map(peer => peer.channel)])
    for (const one of company.holding.keys()) if (!present.has(one)) this.#endHold(call, company, one, at)
    for (const [one, agent] of here) {
      if (now.has(one)) continue
      here.delete(one)
      this.#note(company, event('call.agent-left', call.id, at, { agent }))
    }
    this.#move(call, company, place, at)
    for (const [one, agent] of now) {
      if (here.has(one)) continue
      const joined = { agent, after: company.last, others: now.size - 1 }
      here.set(one, agent)
      company.last = agent
      this.#note(
        company,
        call.pbx.queue().then(queue => event('call.agent-joined', call.id, at, { ...joined, queue })),
      )
    }
  }

  /** A channel has begun or ended a hold of the other side. @param callers the recorded callers who hear the channel */
  held(channel: ChannelId, callers: readonly ChannelId[], { on, at }: FactOf<'held'>): void {
    const own = this.#recordedOn(channel)
    if (own) this.#hold(own, channel, { by: 'caller' }, on, at)
    for (const caller of callers) {
      const call = this.#recordedOn(caller)
      const agent = this.#of.get(caller)?.here.get(channel)
      if (call && agent !== undefined) this.#hold(call, channel, { by: 'agent', agent }, on, at)
    }
  }

  /** A channel was transferred. */
  transferred(channel: ChannelId, { kind, by, to, at }: FactOf<'transferred'>): void {
    const call = this.#recordedOn(channel)
    if (!call) return
    const moved = { kind, agent: this.#agentAmong(by), to: this.#agentAmong(to === null ? [] : [to]) }
    this.#note(this.#companyOf(channel), event('call.transferred', call.id, at, moved))
  }

  /** A channel has ended. @param at ms since the epoch */
  gone(channel: ChannelId, at: number): void {
    this.#of.delete(channel)
    for (const [caller, company] of this.#of) {
      const call = this.#deps.callOn(caller)
      if (call && company.holding.has(channel)) this.#endHold(call, company, channel, at)
    }
  }

  #recordedOn(channel: ChannelId): RunningCall | undefined {
    const call = this.#deps.callOn(channel)
    return call && call.standing.recorded.length > 0 ? call : undefined
  }

  #companyOf(caller: ChannelId): Company {
    const known = this.#of.get(caller) ?? {
      here: new Map(),
      last: null,
      holding: new Map(),
      place: undefined,
      noted: Promise.resolve(),
    }
    this.#of.set(caller, known)
    return known
  }

  /** Notes events in order, even if the PBX must first be asked for the content of one. */
  #note(company: Company, noting: CallEvent | Promise<CallEvent>): void {
    company.noted = company.noted.then(async () => this.#deps.journal.note(await noting))
  }

  #isAgent = (peer: Neighbour): boolean => !isLocal(peer) && this.#deps.isNamed(peer)

  /** The first company phone among channels of these names, as the journal names it; null if none exists. */
  #agentAmong(names: readonly string[]): string | null {
    const agent = names
      .map(name => ({ name }))
      .find(one => !isLocal(one) && this.#deps.isInside(one) === true)
    return agent === undefined ? null : nameOf(agent)
  }

  #move(call: RunningCall, company: Company, place: Place | undefined, at: number): void {
    const before = company.place
    if (place === before) return
    company.place = place
    if (before) this.#note(company, event(PLACE_EVENTS[before][1], call.id, at, {}))
    if (place) this.#note(company, event(PLACE_EVENTS[place][0], call.id, at, {}))
  }

  #hold(call: RunningCall, by: ChannelId, who: HoldBy, on: boolean, at: number): void {
    const company = this.#companyOf(call.channel)
    if (on === company.holding.has(by)) return
    if (on) {
      company.holding.set(by, who)
      this.#note(company, event('call.hold-began', call.id, at, who))
    } else this.#endHold(call, company, by, at)
  }

  #endHold(call: RunningCall, company: Company, by: ChannelId, at: number): void {
    this.#note(company, event('call.hold-ended', call.id, at, company.holding.get(by)!))
    company.holding.delete(by)
  }
}

const nameOf = ({ name }: Pick<Neighbour, 'name'>): string => endpointForJournal(endpointOf(name))
