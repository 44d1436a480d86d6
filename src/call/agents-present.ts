import { endpointOf, isLocal } from '../shared/endpoint.js'
import { type CallEvent, event } from '../shared/events.js'
import type { ChannelId } from '../shared/ids.js'
import type { HoldBy } from '../shared/party-events.js'
import { endpointForJournal } from '../shared/trial.js'
import type { ChannelFact, EventSink, Neighbour, Place, ShownChannel } from './ports.js'
import type { RunningCall } from './running-call.js'

type FactOf<F extends ChannelFact['fact']> = Omit<Extract<ChannelFact, { fact: F }>, 'fact'>

export interface AgentsPresentDeps {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether settings or dialplan say of a channel that it belongs to the company. */
  isNamed(peer: Neighbour): boolean
  /** Whether a channel belongs to the company, by what is known of it alone; undefined if that says nothing. */
  isInside(channel: ShownChannel): boolean | undefined
  journal: Pick<EventSink, 'note'>
}

/** The events of a caller who comes to a place of the PBX, and who leaves it. */
const PLACE_EVENTS = {
  parked: ['call.parked', 'call.unparked'],
  conference: ['call.conference-joined', 'call.conference-left'],
} as const

/** The phones of the company that are with one recorded caller, and where the caller is. */
interface Company {
  /** Their endpoints, as the journal names them. */
  here: Map<ChannelId, string>
  /** Who was the last one there. */
  last: string | null
  /** Who holds, by channel. */
  holding: Map<ChannelId, HoldBy>
  /** Where the PBX has the caller; undefined in a plain conversation and outside of any. */
  place: Place | undefined
  /** Resolves when everything until now is noted. */
  noted: Promise<void>
}

/**
 * Notes in the journal which phones of the company talk with a recorded caller, in turn, who puts the other side on hold, and where the PBX
 * moves the caller. Agents go by the name of their phone, so only those of whom settings or dialplan say that they are of the company. It
 * decides nothing about a recording.
 */
export class AgentsPresent {
  readonly #deps: AgentsPresentDeps
  readonly #of = new Map<ChannelId, Company>()

  constructor(deps: AgentsPresentDeps) {
    this.#deps = deps
  }

  /** How many entries there are about channels. Without channels there are none. */
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

  /** A channel has put the other side on hold, or takes it back. @param callers the recorded callers with whom it is */
  held(channel: ChannelId, callers: readonly ChannelId[], { on, at }: FactOf<'held'>): void {
    const own = this.#recordedOn(channel)
    if (own) this.#hold(own, channel, { by: 'caller' }, on, at)
    for (const caller of callers) {
      const call = this.#recordedOn(caller)
      const agent = this.#of.get(caller)?.here.get(channel)
      if (call && agent !== undefined) this.#hold(call, channel, { by: 'agent', agent }, on, at)
    }
  }

  /** Somebody has transferred a channel. */
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

  /** Notes in turn, although the PBX may have to be asked first for what an event says. */
  #note(company: Company, noting: CallEvent | Promise<CallEvent>): void {
    company.noted = company.noted.then(async () => this.#deps.journal.note(await noting))
  }

  #isAgent = (peer: Neighbour): boolean => !isLocal(peer) && this.#deps.isNamed(peer)

  /** The first phone of the company among channels of these names, as the journal names it; null if none is one. */
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
