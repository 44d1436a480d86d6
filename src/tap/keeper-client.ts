import { setTimeout as pause } from 'node:timers/promises'
import type { Frame, FromKeeper, FromService, KeeperSettings, LegIndex, Rescued } from '../keeper/protocol.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import { whenThreadIsFree } from './free-thread.js'
import { type AttachedKeeper, attachKeeper, type HeldPair } from './keeper-attach.js'
import type { KeeperLink } from './keeper-link.js'
import { KeeperRequests, type OpenedPair } from './keeper-requests.js'
import { type PipeListener, PipeTap } from './pipe-tap.js'

/** ms from one attempt to reach or start a keeper to the next. */
const RETRY_INTERVAL = 200
/** A keeper pings each second; one that is silent for so long stands still and would hold Asterisk up, ms. */
const PING_TIMEOUT = 5_000
/** ms between looks at that silence. */
const WATCHDOG_INTERVAL = 1_000
/** A look so late means that we stood still ourselves: what we did not hear meanwhile proves nothing, ms. */
const WATCHDOG_STALL = 2_500

/** A tap that the keeper held when we came: taken by a service before us. */
export type HeldTap = Readonly<HeldPair>

/** The way to the keeper: finds or starts it, keeps the connection, and answers a ping once a file operation came back. */
export class KeeperClient {
  readonly #settings: KeeperSettings
  readonly #log: Log
  readonly #stamp: (at: number) => number
  readonly #requests = new KeeperRequests()
  /** By the number that the present keeper gave them. */
  #taps = new Map<number, PipeTap>()
  #heldTaps: HeldPair[] = []
  /** The keeper that held them. */
  #heldTapsKeeperId: string | undefined
  #attached: AttachedKeeper | undefined
  #reconnecting: Promise<void> | undefined
  #keeperId: string | undefined
  #lastFrameAt = 0
  #lastWatchdogAt = 0
  #watchdog: NodeJS.Timeout | undefined
  #stopped = false
  #onRescue: ((rescued: Rescued) => void) | undefined
  #rescuesSeen = 0
  #heldBytes = 0
  readonly #pong = whenThreadIsFree(() => this.#attached?.link.send({ t: 'pong' }))

  private constructor(settings: KeeperSettings, log: Log, stamp: (at: number) => number) {
    this.#settings = settings
    this.#log = log
    this.#stamp = stamp
  }

  /**
   * Attaches to the running keeper, or starts one.
   * @param stamp makes of the keeper's time what counts here, ms since the epoch
   * @throws AppError `tap.unavailable` with the reason
   */
  static async start(settings: KeeperSettings, log: Log, stamp = (at: number) => at): Promise<KeeperClient> {
    const client = new KeeperClient(settings, log, stamp)
    await client.#attach()
    client.#heldTaps = client.#attached?.held ?? []
    client.#heldTapsKeeperId = client.#keeperId
    client.#lastWatchdogAt = performance.now()
    client.#watchdog = setInterval(() => client.#killSilentKeeper(performance.now()), WATCHDOG_INTERVAL)
    return client
  }

  /** Process id of the keeper; undefined while there is none. */
  get pid(): number | undefined {
    return this.#attached?.pid
  }

  /** Bytes that the keeper had in memory when it last said so. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** What the keeper held when we came, and nobody has adopted yet. */
  get held(): readonly HeldTap[] {
    return this.#heldTaps
  }

  /**
   * Hears of every caller whom the keeper sent back to the dialplan, also of those before us. What comes before a
   * callback is set waits with the keeper.
   */
  onRescue(callback: (rescued: Rescued) => void): void {
    this.#onRescue = callback
  }

  /**
   * A fresh pair of pipes that waits for its writer.
   *
   * @param tag tells a successor whose it is
   * @throws AppError `tap.unavailable`
   */
  async openTap(tag: string, listener: PipeListener): Promise<PipeTap> {
    return await this.#requestPair(
      request => ({ t: 'take', request, tag }),
      ({ pair, prefix }) => {
        const tap = new PipeTap({ prefix, tag, pair, from: [0, 0], listener })
        this.#taps.set(pair, tap)
        return tap
      },
    )
  }

  /** Goes on with a tap that a service before us took, from these offsets on; also if its keeper has died since it told us. */
  recoverTap(held: HeldTap, from: [number, number], listener: PipeListener): PipeTap {
    this.#heldTaps = this.#heldTaps.filter(other => other !== held)
    const { prefix, tag, pair, gone } = held
    const tap = new PipeTap({ prefix, tag, pair, from, channelGone: gone, listener })
    if (this.#keeperId !== this.#heldTapsKeeperId) void this.#moveTapTo(this.#attached?.link, tap)
    else {
      this.#taps.set(pair, tap)
      if (this.#attached) tap.reattach(this.#attached.link)
    }
    return tap
  }

  /** Everything of the leg before `offset` is safe. */
  acknowledge(tap: PipeTap, pipe: LegIndex, offset: number): void {
    tap.acknowledge(this.#attached?.link, pipe, offset)
    this.#forgetIfAcknowledged(tap)
  }

  /** The tap's channel is gone, or will never have it: its pipes end and are removed. */
  endTap(tap: PipeTap): void {
    tap.channelGone = true
    this.#attached?.link.send({ t: 'gone', pair: tap.pair })
    this.#forgetIfAcknowledged(tap)
  }

  /** Lets go of the keeper. It goes on reading if pipes are in use, and ends if none are. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#watchdog)
    this.#requests.rejectAll('the service is stopping')
    await this.#reconnecting
    const link = this.#attached?.link
    if (this.#taps.size === 0 && this.#heldTaps.length === 0) link?.send({ t: 'stop' })
    await link?.close()
  }

  async #attach(): Promise<void> {
    const attached = await attachKeeper(this.#settings, {
      frame: frame => this.#receive(frame),
      closed: () => this.#closed(),
    })
    const same = attached.keeperId === this.#keeperId
    this.#attached = attached
    this.#keeperId = attached.keeperId
    this.#lastFrameAt = performance.now()
    if (same) this.#reattachTaps(attached)
    else await this.#moveTapsTo(attached)
  }

  #closed(): void {
    this.#attached = undefined
    this.#requests.rejectAll('the keeper is gone')
    if (this.#stopped) return
    this.#reconnecting ??= this.#reconnect().finally(() => {
      this.#reconnecting = undefined
    })
  }

  async #reconnect(): Promise<void> {
    this.#log.error({ taps: this.#taps.size }, 'lost the keeper')
    while (!this.#stopped && !this.#attached) {
      try {
        await this.#attach()
        this.#log.info({ keeper: this.pid }, 'have a keeper again')
      } catch (error) {
        this.#log.error({ reason: (error as Error).message }, 'no keeper')
        await pause(RETRY_INTERVAL)
      }
    }
  }

  /** The connection broke, the keeper lived on. */
  #reattachTaps({ link, held }: AttachedKeeper): void {
    const known = new Set(held.map(({ pair }) => pair))
    for (const tap of this.#taps.values()) {
      if (known.has(tap.pair)) tap.reattach(link)
      else this.#taps.delete(tap.pair)
    }
  }

  /** The keeper died: another one takes the pipes up where they stand. */
  async #moveTapsTo({ link }: AttachedKeeper): Promise<void> {
    this.#rescuesSeen = 0
    const taps = [...this.#taps.values()].filter(tap => !tap.allReceived)
    this.#taps.clear()
    await Promise.all(taps.map(tap => this.#moveTapTo(link, tap)))
  }

  async #moveTapTo(link: KeeperLink | undefined, tap: PipeTap): Promise<void> {
    const interruption = tap.keeperDied()
    const { prefix, tag, acked } = tap
    const { base } = interruption
    try {
      await this.#requestPair(
        request => ({ t: 'reopen', request, prefix, tag, base, acked }),
        ({ pair }) => {
          this.#taps.set(pair, tap)
          tap.attachToNewKeeper(link!, pair, base)
          tap.listener.keeperDied(true, interruption)
        },
      )
    } catch {
      tap.listener.keeperDied(false, interruption)
    }
  }

  #requestPair<T>(message: (request: number) => FromService, onPair: (pair: OpenedPair) => T): Promise<T> {
    const link = this.#attached?.link
    if (!link)
      return Promise.reject(
        new AppError('tap.unavailable', 'no tap: there is no keeper', { retryable: true }),
      )
    return this.#requests.ask(request => link.send(message(request)), onPair)
  }

  #receive(frame: Frame<FromKeeper>): void {
    this.#lastFrameAt = performance.now()
    if (frame.kind === 'control') this.#receiveControl(frame.control)
    else if (frame.kind === 'audio') {
      this.#taps.get(frame.pair)?.block(frame.leg, frame.offset, this.#stamp(frame.arrivedAt), frame.bytes)
    }
  }

  #receiveControl(message: FromKeeper): void {
    switch (message.t) {
      case 'ping':
        this.#heldBytes = message.held ?? 0
        this.#pong()
        break
      case 'taken':
        // Whoever asked has given up: its pipes are of no use to anyone.
        if (!this.#requests.resolve(message.request, message)) {
          this.#attached?.link.send({ t: 'gone', pair: message.pair })
        }
        break
      case 'refused':
        this.#requests.reject(message.request, message.reason)
        break
      case 'gap':
        this.#taps.get(message.pair)?.gap(message.leg, message.from, message.to)
        break
      case 'filling':
        this.#taps.get(message.pair)?.listener.filling(message.bytes)
        break
      case 'eof':
        this.#end(this.#taps.get(message.pair), message.leg)
        break
      case 'rescued':
        this.#reportRescues(message.upTo, message.channels)
        break
      case 'replaced':
        this.#log.error('another service has taken over the keeper; this one records no more')
        this.#stopped = true
        break
      case 'note':
        this.#log.warn({ reason: message.text }, 'the keeper has trouble')
        break
    }
  }

  #end(tap: PipeTap | undefined, pipe: LegIndex): void {
    tap?.end(pipe)
    if (tap) this.#forgetIfAcknowledged(tap)
  }

  #forgetIfAcknowledged(tap: PipeTap): void {
    if (tap.allAcknowledged) this.#taps.delete(tap.pair)
  }

  /** The keeper repeats what was not confirmed, so a part of it may be known already. */
  #reportRescues(upTo: number, channels: Rescued[]): void {
    if (!this.#onRescue) return
    const fresh = upTo - this.#rescuesSeen
    for (const rescued of fresh > 0 ? channels.slice(-fresh) : []) this.#onRescue(rescued)
    this.#rescuesSeen = Math.max(upTo, this.#rescuesSeen)
    this.#attached?.link.send({ t: 'rescued-noted', upTo })
  }

  /** Ends a keeper that stands still: an Asterisk that writes to it would stand still as well. */
  #killSilentKeeper(now: number): void {
    const late = now - this.#lastWatchdogAt > WATCHDOG_STALL
    this.#lastWatchdogAt = now
    if (late) this.#lastFrameAt = now
    if (!this.#attached || now - this.#lastFrameAt < PING_TIMEOUT) return
    this.#log.error({ keeper: this.#attached.pid }, 'the keeper stands still; ending it')
    try {
      process.kill(this.#attached.pid, 'SIGKILL')
    } catch {
      // It has just ended by itself.
    }
    this.#attached.link.destroy()
  }
}
