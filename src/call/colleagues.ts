import type { ChannelId } from '../shared/ids.js'
import type { Neighbour, ShownChannel } from './ports.js'
import type { RunningCall } from './running-call.js'

export interface ColleaguesDeps {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether a channel belongs to the company; undefined if neither settings nor dialplan say. */
  isInside(channel: ShownChannel): boolean | undefined
}

/** A `Local` channel passes on what those behind it say. It counts only if a question was answered on it. */
export const isLocal = ({ name }: Pick<Neighbour, 'name'>): boolean => name.startsWith('Local/')

/** Who is of the company, as settings and dialplan say it. Of whom they say nothing, that person counts as a colleague. */
export class Colleagues {
  readonly #deps: ColleaguesDeps

  constructor(deps: ColleaguesDeps) {
    this.#deps = deps
  }

  /** Whether settings or dialplan say that somebody is of the company. They may say nothing. */
  isNamed({ channel, name, context, party }: Neighbour): boolean | undefined {
    // Whoever dialled a line has come through contexts of the company.
    const dialled = this.#deps.callOn(channel) !== undefined
    return this.#deps.isInside({
      name,
      ...(context !== undefined && !dialled && { context }),
      ...(party && { party }),
    })
  }

  /** Whether somebody counts as a colleague. */
  isInside(peer: Neighbour): boolean {
    return this.isNamed(peer) !== false
  }
}
