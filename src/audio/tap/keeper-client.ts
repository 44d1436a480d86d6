import { randomUUID } from 'node:crypto'
import { LEGS, type Leg } from '../../core/audio.js'
import { systemClock } from '../../core/clock.js'
import type { Frame, FromKeeper, FromService, Rescued } from '../../keeper/protocol.js'
import type { Fault } from '../../lib/faults.js'
import { statRoot } from '../../lib/files/durable.js'
import type { Log } from '../../lib/log.js'
import { retry } from '../../lib/retry.js'
import type { KeeperAccess, KnownAccess } from './keeper-access.js'
import { type AttachedEvents, type AttachedKeeper, attachKeeper, type HeldPair } from './keeper-attach.js'
import type { KeeperLink } from './keeper-link.js'
import { KeeperRequests, noTap, type OpenedPair } from './keeper-requests.js'
import { killKeeper, killKeeperOfUnit } from './keepers-of.js'
import { Tap, type TapKeeper, type TapListener } from './tap.js'

/** Interval of the attempts to reach or start a keeper, ms. */
const RETRY_INTERVAL = 200
/** Interval of the checks for missing pings, ms. */
const WATCHDOG_INTERVAL = 1_000

/** A tap that the keeper held when this service started. An earlier service opened it. */
export type HeldTap = Readonly<HeldPair>

/** Optional functions of a client. */
interface Using {
  /** Converts a moment of the keeper's clock to the service's clock, both ms since the epoch. */
  stamp?: ((at: number) => number) | undefined
  /** Whether the service serves its callers. While it is false no ping is answered, and the keeper rescues them. */
  serves?: (() => boolean) | undefined
}

/** Finds or starts the keeper, keeps the connection to it, and answers its pings. */
export class KeeperClient implements TapKeeper {
  readonly #settings: KnownAccess
  readonly #log: Log
  readonly #stamp: (at: number) => number
  readonly #requests = new KeeperRequests()
  /** By the pair number of the present keeper. */
  #taps = new Map<number, Tap>()
  #heldTaps: HeldPair[] = []
  #heldTapsKeeperId: string | undefined
  #attached: AttachedKeeper | undefined
  #reconnecting: Promise<void> | undefined
  #keeperId: string | undefined
  readonly #silence = new SilenceWatch()
  #watchdog: NodeJS.Timeout | undefined
  readonly #stopping = new AbortController()
  readonly #rescues = new RescueReports()
  #heldBytes = 0
  readonly #pongs: Pongs

  private constructor(settings: KeeperAccess, log: Log, { stamp = at => at, serves = () => true }: Using) {
    this.#settings = { ...settings, service: randomUUID() }
    this.#log = log
    this.#stamp = stamp
    this.#pongs = new Pongs(() => this.#attached?.link.send({ t: 'pong' }), serves)
  }

  /** Attaches to the running keeper, or starts one. @throws AppError `tap.unavailable` with the reason */
  static async start(settings: KeeperAccess, log: Log, using: Using = {}): Promise<KeeperClient> {
    const client = new KeeperClient(settings, log, using)
    await client.#attach()
    client.#heldTaps = client.#attached?.held ?? []
    client.#heldTapsKeeperId = client.#keeperId
    client.#watchdog = setInterval(() => client.#killSilentKeeper(), WATCHDOG_INTERVAL)
    return client
  }

  /** Process id of the keeper; undefined while no keeper is attached. */
  get pid(): number | undefined {
    return this.#attached?.pid
  }

  /** Bytes that the keeper held in memory at its last ping. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** The taps that the keeper held when this service started, and that `recoverTap` has not recovered yet. */
  get held(): readonly HeldTap[] {
    return this.#heldTaps
  }

  /**
   * Reports every caller whom the keeper returned to the dialplan, also before this service started. The keeper holds
   * the reports until a callback is set.
   */
  onRescue(callback: (rescued: Rescued) => void): void {
    this.#rescues.onRescue(callback)
  }

  /**
   * Opens a new pair of pipes.
   *
   * @param tag identifies the call of the tap for a later service
   * @throws AppError `tap.unavailable`
   */
  async openTap(tag: string, listener: TapListener): Promise<Tap> {
    return await this.#requestPair(
      request => ({ t: 'take', request, tag }),
      ({ pair, prefix }) => {
        const from = { caller: 0, agent: 0 }
        const tap = new Tap({ keeper: this, reference: prefix, tag, pair, from, listener })
        this.#taps.set(pair, tap)
        return tap
      },
    )
  }

  /** Recovers a tap of an earlier service from these samples on, even if its keeper has died since `start`. */
  recoverTap(held: HeldTap, from: Readonly<Record<Leg, number>>, listener: TapListener): Tap {
    this.#heldTaps = this.#heldTaps.filter(other => other !== held)
    const { prefix: reference, tag, pair, gone: ending } = held
    const tap = new Tap({ keeper: this, reference, tag, pair, from, ending, listener })
    if (this.#keeperId !== this.#heldTapsKeeperId) void this.#moveTapTo(this.#attached?.link, tap)
    else {
      this.#taps.set(pair, tap)
      if (this.#attached) tap.reattach(this.#attached.link)
    }
    return tap
  }

  get link(): KeeperLink | undefined {
    return this.#attached?.link
  }

  async readAgain(tap: Tap): Promise<void> {
    await this.#requestPair(
      request => ({ t: 'again', request, pair: tap.pair }),
      () => tap.pipesReadAgain(),
    )
  }

  forget(tap: Tap): void {
    this.#taps.delete(tap.pair)
  }

  /** Detaches from the keeper. The keeper continues to read if pipes are in use; otherwise it ends. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#watchdog)
    this.#pongs.stop()
    this.#requests.rejectAll('the service is stopping')
    await this.#reconnecting
    const link = this.#attached?.link
    if (this.#taps.size === 0 && this.#heldTaps.length === 0) link?.send({ t: 'stop' })
    await link?.close()
  }

  async #attach(): Promise<void> {
    const events: AttachedEvents = { frame: frame => this.#receive(frame), closed: why => this.#closed(why) }
    const attached = await attachKeeper(this.#settings, events, this.#stopping.signal)
    const same = attached.keeperId === this.#keeperId
    this.#attached = attached
    this.#keeperId = attached.keeperId
    this.#silence.heard()
    // The keeper's first ping comes only with its next tick. Until then it would not know that callers are served.
    this.#pongs.ping()
    if (same) this.#reattachTaps(attached)
    else await this.#moveTapsTo(attached)
  }

  #closed(why: Fault | undefined): void {
    this.#attached = undefined
    this.#requests.rejectAll('the keeper is gone')
    if (this.#stopping.signal.aborted) return
    this.#reconnecting ??= this.#reconnect(why).finally(() => {
      this.#reconnecting = undefined
    })
  }

  async #reconnect(why: Fault | undefined): Promise<void> {
    this.#log.error({ taps: this.#taps.size, ...why }, 'the connection to the keeper is lost; retrying')
    const { signal } = this.#stopping
    const attach = async () => {
      await this.#attach()
      this.#log.info({ keeper: this.pid }, 'a keeper is attached again')
    }
    const onFailure = (error: unknown) =>
      this.#log.error({ reason: (error as Error).message }, 'no keeper can be started; retrying')
    // A keeper may be lost again while it is being attached.
    while (!signal.aborted && !this.#attached)
      await retry(attach, { clock: systemClock, waitsMs: [RETRY_INTERVAL], signal, onFailure })
  }

  /** Continues all taps after the connection to a living keeper broke. */
  #reattachTaps({ link, held }: AttachedKeeper): void {
    const known = new Set(held.map(({ pair }) => pair))
    for (const tap of this.#taps.values()) {
      if (known.has(tap.pair)) tap.reattach(link)
      else this.#taps.delete(tap.pair)
    }
  }

  /** Continues all taps with another keeper after theirs died. */
  async #moveTapsTo({ link }: AttachedKeeper): Promise<void> {
    this.#rescues.newKeeper()
    const taps = [...this.#taps.values()].filter(tap => !tap.allReceived)
    this.#taps.clear()
    await Promise.all(taps.map(tap => this.#moveTapTo(link, tap)))
  }

  async #moveTapTo(link: KeeperLink | undefined, tap: Tap): Promise<void> {
    const interruption = tap.keeperDied()
    const { reference: prefix, tag, acked } = tap
    const { sample: base } = interruption
    try {
      await this.#requestPair(
        request => ({ t: 'reopen', request, prefix, tag, base, acked }),
        ({ pair }) => {
          this.#taps.set(pair, tap)
          tap.attachToNewKeeper(link!, pair, base)
          tap.listener.interrupted(true, interruption)
        },
      )
    } catch {
      tap.listener.interrupted(false, interruption)
    }
  }

  #requestPair<T>(message: (request: number) => FromService, onPair: (pair: OpenedPair) => T): Promise<T> {
    const link = this.#attached?.link
    if (!link) return Promise.reject(noTap('there is no keeper'))
    return this.#requests.ask(request => link.send(message(request)), onPair)
  }

  #receive(frame: Frame<FromKeeper>): void {
    this.#silence.heard()
    if (frame.kind === 'control') this.#receiveControl(frame.control)
    else if (frame.kind === 'audio') {
      const { pair, leg, offset: sample, arrivedAt, bytes } = frame
      this.#taps.get(pair)?.receiveBlock({ leg: LEGS[leg], sample, arrivedAt: this.#stamp(arrivedAt), bytes })
    }
  }

  #receiveControl(message: FromKeeper): void {
    switch (message.t) {
      case 'ping':
        this.#heldBytes = message.held
        this.#pongs.ping()
        break
      case 'taken':
        // The request timed out, so no call will use the pipes.
        if (!this.#requests.resolve(message.request, message)) {
          this.#attached?.link.send({ t: 'gone', pair: message.pair })
        }
        break
      case 'refused':
        this.#requests.reject(message.request, message.reason)
        break
      case 'gap':
        this.#taps.get(message.pair)?.receiveGap(LEGS[message.leg], message.from, message.to)
        break
      case 'filling':
        this.#taps.get(message.pair)?.listener.filling(message.bytes)
        break
      case 'eof':
        this.#taps.get(message.pair)?.receiveEnd(LEGS[message.leg])
        break
      case 'rescued':
        if (this.#rescues.report(message))
          this.#attached?.link.send({ t: 'rescued-noted', upTo: message.upTo })
        break
      case 'replaced':
        this.#log.error('another service has taken over the keeper; this service no longer records')
        this.#stopping.abort()
        break
      case 'note':
        this.#log.warn({ reason: message.text }, 'the keeper reports trouble')
        break
    }
  }

  /** Kills a keeper that hangs, because Asterisk would hang when it writes to the keeper's pipes. */
  #killSilentKeeper(): void {
    const silent = this.#silence.look()
    if (!this.#attached || !silent) return
    const { pid, link } = this.#attached
    this.#log.error({ keeper: pid }, 'the keeper hangs; it is killed and replaced')
    if (this.#settings.hasUnit) void killKeeperOfUnit(pid)
    else killKeeper(pid)
    link.destroy()
  }
}

/**
 * A keeper pings twice a second. A keeper without a ping for this time, ms, hangs and would block Asterisk.
 */
const PING_TIMEOUT = 5_000
/** A check that is this late, ms, means that the service itself hung. Missing pings then prove nothing. */
const LATE_LOOK = 2_500

/** Detects a keeper that hangs, by the time since its last message. All times are monotonic, ms. */
class SilenceWatch {
  #heardAt = 0
  #lookedAt = performance.now()

  /** The keeper has sent something. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Call this every second. @returns whether the keeper has been silent for too long */
  look(now = performance.now()): boolean {
    const late = now - this.#lookedAt > LATE_LOOK
    this.#lookedAt = now
    if (late) this.#heardAt = now
    return now - this.#heardAt >= PING_TIMEOUT
  }
}

/** Passes on each of the keeper's rescues once. The keeper repeats its reports until they are confirmed. */
class RescueReports {
  #callback: ((rescued: Rescued) => void) | undefined
  /** Number of the present keeper's rescues that were passed on. */
  #seen = 0

  onRescue(callback: (rescued: Rescued) => void): void {
    this.#callback = callback
  }

  /** Another keeper counts its rescues from the beginning. */
  newKeeper(): void {
    this.#seen = 0
  }

  /**
   * @param upTo count of the keeper's rescues, with `channels` as the last of them
   * @returns whether the report may be confirmed; false until a callback is set
   */
  report({ upTo, channels }: { upTo: number; channels: Rescued[] }): boolean {
    if (!this.#callback) return false
    const fresh = upTo - this.#seen
    for (const rescued of fresh > 0 ? channels.slice(-fresh) : []) this.#callback(rescued)
    this.#seen = Math.max(upTo, this.#seen)
    return true
  }
}

/**
 * Interval of the checks whether the service serves its callers after an unanswered ping, ms. It is short, because
 * callers wait.
 */
const LOOK_INTERVAL = 50

/**
 * Answers the keeper's pings. An answer shows that a file operation has ended and that the service serves its callers.
 * If that is not so at the ping, the answer is sent as soon as it is.
 */
export class Pongs {
  readonly #answer: () => void
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** @param serves whether the service serves its callers */
  constructor(send: () => void, serves: () => boolean) {
    this.#answer = whenThreadIsFree(() => {
      if (serves()) send()
      else this.#lookAgain()
    })
  }

  /** A ping has come, or the keeper was greeted. */
  ping(): void {
    this.#answer()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #lookAgain(): void {
    clearTimeout(this.#timer)
    if (!this.#stopped) this.#timer = setTimeout(this.#answer, LOOK_INTERVAL)
  }
}

/**
 * Makes a function that calls `answer` once a file operation has ended, and so a thread was free. A process whose
 * threads all hang in a disk still reads and writes sockets, but cannot serve a caller. Calls during an operation share
 * that operation and its answer.
 *
 * @param operation the file operation; its success and its failure both prove that a thread was free
 */
export function whenThreadIsFree(answer: () => void, operation = statRoot): () => void {
  let running = false
  return () => {
    if (running) return
    running = true
    const finish = () => {
      running = false
      answer()
    }
    operation().then(finish, finish)
  }
}
