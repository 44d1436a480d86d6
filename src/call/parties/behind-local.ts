import { isLocal } from '../../core/endpoint.js'
import type { ChannelId } from '../../core/ids.js'
import type { Purpose } from '../../core/policy.js'
import type { Neighbour } from '../ports.js'
import type { RunningCall } from '../run/running-call.js'
import type { Colleagues, ColleaguesDeps } from './colleagues.js'
import type { Agreed } from './parties.js'
import { SamePerson } from './same-person.js'

interface BehindLocalDeps extends Pick<ColleaguesDeps, 'callOn'> {
  /** Whether a call came from inside, so that it asked no questions. */
  cameFromInside(call: RunningCall): boolean
}

/** Answers given on halves of `Local` channels. A caller whom a phone redirects by 302 is asked on such a half. */
export class BehindLocal {
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
