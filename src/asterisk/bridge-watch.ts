import { BridgeBook } from '../call/parties/bridge-book.js'
import type { ChannelFact } from '../call/ports.js'
import { backgroundTimers } from '../core/clock.js'
import { codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { logUnlessExpected } from '../lib/faults.js'
import type { Log } from '../lib/log.js'
import type { RawEvent } from './ari-events.js'
import {
  hidesAMove,
  readBridge,
  readBridgeEvent,
  readChannel,
  readTransfer,
  type Transfer,
} from './bridge-events.js'
import type { AriTransport } from './transport/ari-transport.js'

/** All events that the application for bridges receives. */
export const BRIDGE_EVENTS: readonly string[] = [
  ...['ChannelEnteredBridge', 'ChannelLeftBridge', 'BridgeDestroyed'],
  ...['BridgeBlindTransfer', 'BridgeAttendedTransfer', 'ApplicationReplaced'],
]
/**
 * When the PBX is asked for its bridges after a move without an event, ms. A comparison skips channels that move
 * meanwhile, so a second one follows.
 */
const COMPARE_AFTER_MS = [0, 1_000]

const NOT_FOLLOWED =
  'this PBX does not report who joins a conversation: recordings are paused until it does; it is asked again every 30 s'

/**
 * The ARI application that receives the events of all bridges. It has a separate name, because a subscription to all
 * bridges outlives the socket: our main application would count as in use for ever.
 */
export const bridgesAppOf = (app: string): string => `${app}-bridges`

/** Receives the results of the watch. */
export interface BridgeSink {
  fact(channel: ChannelId, fact: ChannelFact): void
  /**
   * Whether joins are known. After a loss they are known again once the PBX reports them and a comparison has been made
   * since.
   */
  bridgesFollowed(followed: boolean): void
}

/**
 * Follows which channels hear each other and which are transferred, and reports the facts `with` and `transferred`. It
 * does not use `subscribeAll`, which would also bring all endpoints and device states.
 */
export class BridgeWatch {
  /**
   * Whether the PBX reports who enters and leaves its bridges; undefined before it was asked to. If false, only `compare`
   * finds changes.
   */
  live: boolean | undefined
  /** Moment of the change that the book reports, ms since the epoch. */
  #at = 0
  readonly #book: BridgeBook
  /** The current comparison, and the one that follows it. */
  #comparing: Promise<void> | undefined
  #nextComparison: Promise<void> | undefined
  /** Number of lost connections. */
  #losses = 0

  constructor(
    private readonly app: string,
    private readonly sink: BridgeSink,
    private readonly log: Log,
  ) {
    this.#book = new BridgeBook((channel, peers, name, place) =>
      sink.fact(channel, {
        fact: 'with',
        peers,
        at: this.#at,
        ...(name && { name }),
        ...(place && { place }),
      }),
    )
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#book.size
  }

  /**
   * Subscribes to the events of all bridges, over the open socket. If the connection is lost meanwhile, the outcome is
   * discarded, and the next connection subscribes again. Never rejects.
   */
  async follow(ari: AriTransport): Promise<void> {
    const filter = { allowed: BRIDGE_EVENTS.map(type => ({ type })) }
    const losses = this.#losses
    const request = (operation: string, args: object) =>
      ari.request('applications', operation, { applicationName: this.app, ...args })
    // An older PBX has no filter and sends all events of bridges.
    await request('filter', { body: JSON.stringify(filter) }).catch(() => {})
    try {
      await request('subscribe', { eventSource: 'bridge:' })
      if (this.#losses !== losses) return
      if (this.live === false) this.log.info('this PBX reports who joins a conversation again')
      this.live = true
    } catch (error) {
      if (this.#losses !== losses) return
      if (this.live !== false) this.log.warn({ code: codeOf(error) }, NOT_FOLLOWED)
      this.live = false
      this.sink.bridgesFollowed(false)
    }
  }

  /** The connection is lost. The next connection may reach another process, which has no subscription of ours. */
  lost(): void {
    this.#losses += 1
    if (this.live) this.live = undefined
  }

  /** Whether an event belongs to the application for bridges and is not about that application itself. */
  isFor(raw: RawEvent): boolean {
    return raw['application'] === this.app && raw.type !== 'ApplicationReplaced'
  }

  /**
   * Handles an event of that application.
   *
   * @param ari the connection for comparisons after a move without an event
   * @returns false for an event that changes nothing
   */
  handle(raw: RawEvent, receivedAt: number, ari: () => AriTransport): boolean {
    const transfer = readTransfer(raw, receivedAt)
    if (transfer) this.#reportTransfer(transfer)
    if (hidesAMove(raw)) {
      // If the connection is lost meanwhile, the next connection begins with a comparison anyway.
      for (const ms of COMPARE_AFTER_MS) backgroundTimers.after(ms, () => void this.#compareNow(ari))
      return true
    }
    if (transfer) return true
    const change = readBridgeEvent(raw, receivedAt)
    if (!change) return false
    this.#at = change.at
    this.#book.handle(change)
    return true
  }

  /** Reports a transfer for each moved channel, and for each channel behind a moved `Local` channel. */
  #reportTransfer({ kind, by, moved, at }: Transfer): void {
    const reported = new Set<ChannelId>()
    for (const { channel, name, to } of moved)
      for (const one of [channel, ...this.#book.beyond(channel, name || undefined)]) {
        if (reported.has(one)) continue
        reported.add(one)
        this.sink.fact(one, { fact: 'transferred', kind, by, to, at })
      }
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

  /**
   * Compares the known bridges with the PBX's list, and reports for each channel whom it hears. Comparisons run one
   * after another, so that an older list is never applied after a newer one.
   *
   * @throws AppError `pbx.*`
   */
  compare(ari: AriTransport): Promise<void> {
    if (!this.#comparing) return this.#nextComparison ?? this.#begin(ari)
    this.#nextComparison ??= this.#comparing
      .catch(() => {})
      .then(() => {
        this.#nextComparison = undefined
        return this.#begin(ari)
      })
    return this.#nextComparison
  }

  #begin(ari: AriTransport): Promise<void> {
    const comparison = this.#compareOnce(ari).finally(() => {
      this.#comparing = undefined
    })
    this.#comparing = comparison
    return comparison
  }

  async #compareNow(ari: () => AriTransport): Promise<void> {
    try {
      await this.compare(ari())
    } catch (error) {
      // The next comparison is at most 30 s away.
      logUnlessExpected(this.log, error, 'a comparison with the bridges of the PBX failed')
    }
  }

  async #compareOnce(ari: AriTransport): Promise<void> {
    const { live } = this
    const take = this.#book.beginComparison()
    const list = (resource: string) => ari.request(resource, 'list', {}) as Promise<unknown[]>
    const [bridges, channels] = await Promise.all([list('bridges'), list('channels')])
    this.#at = Date.now()
    if (live && this.live) this.sink.bridgesFollowed(true)
    take(bridges.map(readBridge), new Map(channels.flatMap(readChannel)))
  }
}
