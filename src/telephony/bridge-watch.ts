import type { ChannelFact } from '../call/ports.js'
import { codeOf } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { RawEvent } from './ari-events.js'
import { BridgeBook } from './bridge-book.js'
import { readBridge, readBridgeEvent, readName } from './bridge-events.js'
import type { AriTransport } from './transport/ari-transport.js'

/** The only events that the application for bridges gets. */
const BRIDGE_EVENTS = ['ChannelEnteredBridge', 'ChannelLeftBridge', 'BridgeDestroyed', 'ApplicationReplaced']

const NOT_FOLLOWED =
  'this PBX does not report who joins a conversation: it is looked at every 30 s, and whoever joins is noticed that late'

/**
 * The ARI application that hears of all bridges. It has a name of its own, because a subscription to all bridges outlives the socket:
 * our own application would count as in use for ever.
 */
export const bridgesAppOf = (app: string): string => `${app}-bridges`

/**
 * Follows who is with whom on a PBX, and reports the fact `with`. There is no `subscribeAll`, which would also bring all endpoints and
 * device states.
 */
export class BridgeWatch {
  /** Whether the PBX reports who enters and leaves its bridges. Otherwise only `look` knows. */
  live = false
  /** When that happened which the book reports, ms since the epoch. */
  #at = 0
  readonly #book: BridgeBook

  constructor(
    private readonly app: string,
    report: (channel: ChannelId, fact: ChannelFact) => void,
  ) {
    this.#book = new BridgeBook((channel, peers, name) =>
      report(channel, { fact: 'with', peers, at: this.#at, ...(name && { name }) }),
    )
  }

  /** How many entries it has about channels. Without channels there are none. */
  get size(): number {
    return this.#book.size
  }

  /** Has the PBX report of all bridges from now on, over the socket that is open. Never rejects. */
  async follow(ari: AriTransport, log: Log): Promise<void> {
    const filter = { allowed: BRIDGE_EVENTS.map(type => ({ type })) }
    const request = (operation: string, args: object) =>
      ari.request('applications', operation, { applicationName: this.app, ...args })
    // An older PBX has no filter and sends all events of bridges.
    await request('filter', { body: JSON.stringify(filter) }).catch(() => {})
    try {
      await request('subscribe', { eventSource: 'bridge:' })
      this.live = true
    } catch (error) {
      this.live = false
      log.warn({ code: codeOf(error) }, NOT_FOLLOWED)
    }
  }

  /** Whether an event was sent to the application for bridges, and is no news of that application itself. */
  isFor(raw: RawEvent): boolean {
    return raw['application'] === this.app && raw.type !== 'ApplicationReplaced'
  }

  /** Takes in an event of that application. @returns whether it changed a bridge */
  handle(raw: RawEvent, receivedAt: number): boolean {
    const change = readBridgeEvent(raw, receivedAt)
    if (!change) return false
    this.#at = change.at
    this.#book.handle(change)
    return true
  }

  /** A channel is in our application. @param at ms since the epoch */
  arrived(channel: ChannelId, name: string, at: number): void {
    this.#at = at
    this.#book.arrived(channel, name)
  }

  /** A channel has ended. @param at ms since the epoch */
  gone(channel: ChannelId, at: number): void {
    this.#at = at
    this.#book.gone(channel)
  }

  /** Compares what is known with what the PBX lists, and reports of each channel with whom it is. @throws AppError `pbx.*` */
  async look(ari: AriTransport): Promise<void> {
    const take = this.#book.beginLook()
    const list = (resource: string) => ari.request(resource, 'list', {}) as Promise<unknown[]>
    const [bridges, channels] = await Promise.all([list('bridges'), list('channels')])
    this.#at = Date.now()
    take(bridges.map(readBridge), new Map(channels.flatMap(readName)))
  }
}
