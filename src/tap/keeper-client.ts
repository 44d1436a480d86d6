import { setTimeout as pause } from 'node:timers/promises'
import type { Frame, FromKeeper, FromService, KeeperSettings, LegIndex, Rescued } from '../keeper/protocol.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import { type Attached, attachKeeper, type Held } from './keeper-attach.js'
import type { KeeperLink } from './keeper-link.js'
import { Requests, type Taken } from './keeper-requests.js'
import { proven } from './proven.js'
import { type PipeListener, Tap } from './tap.js'

/** ms from one attempt to reach or start a keeper to the next. */
const RETRY = 200
/** A keeper pings each second; one that is silent for so long stands still and would hold Asterisk up, ms. */
const SILENT = 5_000
/** ms between looks at that silence. */
const LOOK = 1_000
/** A look so late means that we stood still ourselves: what we did not hear meanwhile proves nothing, ms. */
const LATE_LOOK = 2_500

/** A tap that the keeper held when we came: taken by a service before us. */
export type HeldTap = Readonly<Held>

/** The way to the keeper: finds or starts it, keeps the connection, and answers a ping once a file operation came back. */
export class KeeperClient {
  readonly #settings: KeeperSettings
  readonly #log: Log
  readonly #stamp: (at: number) => number
  readonly #requests = new Requests()
  /** By the number that the present keeper gave them. */
  #taps = new Map<number, Tap>()
  #held: Held[] = []
  /** The keeper that held them. */
  #heldBy: string | undefined
  #attached: Attached | undefined
  #reattaching: Promise<void> | undefined
  #lastKeeper: string | undefined
  #heardAt = 0
  #lookedAt = 0
  #looking: NodeJS.Timeout | undefined
  #stopped = false
  #onRescue: ((rescued: Rescued) => void) | undefined
  #rescuesSeen = 0
  #heldBytes = 0
  readonly #pong = proven(() => this.#attached?.link.send({ t: 'pong' }))

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
    client.#held = client.#attached?.held ?? []
    client.#heldBy = client.#lastKeeper
    client.#lookedAt = performance.now()
    client.#looking = setInterval(() => client.#look(performance.now()), LOOK)
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
    return this.#held
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
  async take(tag: string, listener: PipeListener): Promise<Tap> {
    return await this.#ask(
      request => ({ t: 'take', request, tag }),
      ({ pair, prefix }) => {
        const tap = new Tap({ prefix, tag, pair, from: [0, 0], listener })
        this.#taps.set(pair, tap)
        return tap
      },
    )
  }

  /** Goes on with a tap that a service before us took, from these offsets on; also if its keeper has died since it told us. */
  recoverTap(held: HeldTap, from: [number, number], listener: PipeListener): Tap {
    this.#held = this.#held.filter(other => other !== held)
    const { prefix, tag, pair, gone } = held
    const tap = new Tap({ prefix, tag, pair, from, gone, listener })
    if (this.#lastKeeper !== this.#heldBy) void this.#moveTap(this.#attached?.link, tap)
    else {
      this.#taps.set(pair, tap)
      if (this.#attached) tap.resume(this.#attached.link)
    }
    return tap
  }

  /** Everything of the leg before `offset` is safe. */
  ack(tap: Tap, leg: LegIndex, offset: number): void {
    tap.ack(this.#attached?.link, leg, offset)
    this.#dropIfOver(tap)
  }

  /** The tap's channel is gone, or will never have it: its pipes end and are removed. */
  gone(tap: Tap): void {
    tap.gone = true
    this.#attached?.link.send({ t: 'gone', pair: tap.pair })
    this.#dropIfOver(tap)
  }

  /** Lets go of the keeper. It goes on reading if pipes are in use, and ends if none are. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#looking)
    this.#requests.failAll('the service is stopping')
    await this.#reattaching
    const link = this.#attached?.link
    if (this.#taps.size === 0 && this.#held.length === 0) link?.send({ t: 'stop' })
    await link?.close()
  }

  async #attach(): Promise<void> {
    const attached = await attachKeeper(this.#settings, {
      frame: frame => this.#frame(frame),
      closed: () => this.#closed(),
    })
    const same = attached.keeper === this.#lastKeeper
    this.#attached = attached
    this.#lastKeeper = attached.keeper
    this.#heardAt = performance.now()
    if (same) this.#resume(attached)
    else await this.#moveTo(attached)
  }

  #closed(): void {
    this.#attached = undefined
    this.#requests.failAll('the keeper is gone')
    if (this.#stopped) return
    this.#reattaching ??= this.#reattach().finally(() => {
      this.#reattaching = undefined
    })
  }

  async #reattach(): Promise<void> {
    this.#log.error({ taps: this.#taps.size }, 'lost the keeper')
    while (!this.#stopped && !this.#attached) {
      try {
        await this.#attach()
        this.#log.info({ keeper: this.pid }, 'have a keeper again')
      } catch (error) {
        this.#log.error({ reason: (error as Error).message }, 'no keeper')
        await pause(RETRY)
      }
    }
  }

  /** The connection broke, the keeper lived on. */
  #resume({ link, held }: Attached): void {
    const known = new Set(held.map(({ pair }) => pair))
    for (const tap of this.#taps.values()) {
      if (known.has(tap.pair)) tap.resume(link)
      else this.#taps.delete(tap.pair)
    }
  }

  /** The keeper died: another one takes the pipes up where they stand. */
  async #moveTo({ link }: Attached): Promise<void> {
    this.#rescuesSeen = 0
    const taps = [...this.#taps.values()].filter(tap => !tap.complete)
    this.#taps.clear()
    await Promise.all(taps.map(tap => this.#moveTap(link, tap)))
  }

  async #moveTap(link: KeeperLink | undefined, tap: Tap): Promise<void> {
    const where = tap.keeperDied()
    const { prefix, tag, acked } = tap
    const { base } = where
    try {
      await this.#ask(
        request => ({ t: 'reopen', request, prefix, tag, base, acked }),
        ({ pair }) => {
          this.#taps.set(pair, tap)
          tap.movedToKeeper(link!, pair, base)
          tap.listener.keeperDied(true, where)
        },
      )
    } catch {
      tap.listener.keeperDied(false, where)
    }
  }

  #ask<T>(message: (request: number) => FromService, use: (taken: Taken) => T): Promise<T> {
    const link = this.#attached?.link
    if (!link)
      return Promise.reject(
        new AppError('tap.unavailable', 'no tap: there is no keeper', { retryable: true }),
      )
    return this.#requests.ask(request => link.send(message(request)), use)
  }

  #frame(frame: Frame<FromKeeper>): void {
    this.#heardAt = performance.now()
    if (frame.kind === 'control') this.#control(frame.control)
    else if (frame.kind === 'audio') {
      this.#taps.get(frame.pair)?.block(frame.leg, frame.offset, this.#stamp(frame.arrivedAt), frame.bytes)
    }
  }

  #control(message: FromKeeper): void {
    switch (message.t) {
      case 'ping':
        this.#heldBytes = message.held ?? 0
        this.#pong()
        break
      case 'taken':
        // Whoever asked has given up: its pipes are of no use to anyone.
        if (!this.#requests.taken(message.request, message)) {
          this.#attached?.link.send({ t: 'gone', pair: message.pair })
        }
        break
      case 'refused':
        this.#requests.refused(message.request, message.reason)
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
        this.#rescued(message.upTo, message.channels)
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

  #end(tap: Tap | undefined, leg: LegIndex): void {
    tap?.end(leg)
    if (tap) this.#dropIfOver(tap)
  }

  #dropIfOver(tap: Tap): void {
    if (tap.over) this.#taps.delete(tap.pair)
  }

  /** The keeper repeats what was not confirmed, so a part of it may be known already. */
  #rescued(upTo: number, channels: Rescued[]): void {
    if (!this.#onRescue) return
    const fresh = upTo - this.#rescuesSeen
    for (const rescued of fresh > 0 ? channels.slice(-fresh) : []) this.#onRescue(rescued)
    this.#rescuesSeen = Math.max(upTo, this.#rescuesSeen)
    this.#attached?.link.send({ t: 'rescued-noted', upTo })
  }

  /** Ends a keeper that stands still: an Asterisk that writes to it would stand still as well. */
  #look(now: number): void {
    const late = now - this.#lookedAt > LATE_LOOK
    this.#lookedAt = now
    if (late) this.#heardAt = now
    if (!this.#attached || now - this.#heardAt < SILENT) return
    this.#log.error({ keeper: this.#attached.pid }, 'the keeper stands still; ending it')
    try {
      process.kill(this.#attached.pid, 'SIGKILL')
    } catch {
      // It has just ended by itself.
    }
    this.#attached.link.destroy()
  }
}
