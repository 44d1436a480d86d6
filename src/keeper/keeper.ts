import { randomUUID } from 'node:crypto'
import { lstatSync } from 'node:fs'
import type { Socket } from 'node:net'
import { Connection, type ConnectionEvents } from './connection.js'
import type { Limits } from './limits.js'
import type { PipePair, StartOffsets } from './pipe-pair.js'
import { PipePool } from './pipe-pool.js'
import {
  type FromService,
  type KeeperSettings,
  type LegIndex,
  PROTOCOL_VERSION,
  SUFFIXES,
} from './protocol.js'
import { Rescue } from './rescue.js'
import { ServiceWatch } from './service-watch.js'
import { TapFolder } from './tap-folder.js'

/** Interval of `Keeper.tick`, ms. A caller may wait one interval longer than the limits say, and 8 s at most. */
export const TICK_INTERVAL = 500
/**
 * A longer time between two ticks, ms, means that the keeper itself was stopped. Silence of the service then proves
 * nothing.
 */
const LATE_TICK = 2_500
/**
 * How long a new connection may take to send `hello`, ms. Usually it does so at once. The number of connections is
 * limited.
 */
const HELLO_TIMEOUT = 2_000
/** How many replaced services the keeper remembers. */
const MOST_REPLACED = 100

/** Owns the pipe pairs in use and the connection to the one service. */
export class Keeper implements ConnectionEvents {
  readonly #id = randomUUID()
  readonly #folder: TapFolder
  readonly #limits: Limits
  readonly #pool: PipePool
  readonly #rescue: Rescue
  readonly #watch: ServiceWatch
  readonly #onEnd: () => void
  readonly #pairs = new Map<number, PipePair>()
  readonly #ended: EndedPipes
  #stale: StalePipes | undefined
  #service: Connection | undefined
  /** Id of the present service, or of the last one. */
  #serviceId: string | undefined
  /** Ids of the services that were replaced last. */
  #replaced: string[] = []
  #startedAt = performance.now()
  #lastTick = this.#startedAt

  private constructor(settings: KeeperSettings & { limits: Limits }, onEnd: () => void) {
    const { tapDir, ari, limits } = settings
    this.#limits = limits
    this.#folder = new TapFolder(tapDir)
    this.#ended = new EndedPipes(this.#folder)
    this.#pool = new PipePool({ folder: this.#folder, batch: limits.batch, heldBytes: limits.heldBytes })
    this.#rescue = new Rescue(ari)
    this.#watch = new ServiceWatch(limits, this.#startedAt)
    this.#onEnd = onEnd
  }

  /**
   * Starts a keeper and makes its first pipes.
   *
   * @param onEnd called when the keeper has no more work, or a service stops it
   * @throws TapFolderError, or the system's error
   */
  static async start(settings: KeeperSettings & { limits: Limits }, onEnd: () => void): Promise<Keeper> {
    const keeper = new Keeper(settings, onEnd)
    keeper.#folder.prepare()
    keeper.#stale = await StalePipes.find(keeper.#folder, keeper.#pool)
    await keeper.#pool.fill()
    return keeper
  }

  /** Accepts a connection. Its peer becomes the service when it sends `hello`, and replaces the service before it. */
  accept(socket: Socket): void {
    const connection = new Connection(socket, this)
    const timer = setTimeout(() => {
      if (connection !== this.#service) connection.destroy()
    }, HELLO_TIMEOUT)
    socket.once('close', () => clearTimeout(timer))
  }

  get hasService(): boolean {
    return this.#service !== undefined
  }

  /** Does the periodic work. Call it every `TICK_INTERVAL`. @param now monotonic, ms */
  tick(now = performance.now()): void {
    if (now - this.#lastTick > LATE_TICK) this.#watch.keeperResumed(now)
    this.#lastTick = now
    const reason = this.#watch.rescueReason(now)
    if (reason) {
      this.#watch.rescued()
      void this.#rescue.round(reason)
    }
    this.#reportHeldBytes()
    this.#reportRescues()
    if (now - this.#startedAt > this.#limits.staleMs) void this.#reportFailure(this.#stale?.removeUnclaimed())
    void this.#reportFailure(this.#ended.remove(now))
    const orphanedMs = this.#watch.orphanedMs(now)
    if (
      orphanedMs > this.#limits.orphanEndMs ||
      (orphanedMs > this.#limits.idleEndMs && this.#pairs.size === 0)
    )
      this.#onEnd()
  }

  /** Sends the service a message for its log. */
  tell(text: string): void {
    this.#service?.send({ t: 'note', text })
  }

  /** Closes the connection and all pipes, and removes the pipes. */
  async end(): Promise<void> {
    this.#service?.close()
    const allPairs = [...new Set([...this.#pairs.values(), ...this.#ended.pairs])]
    const prefixes = [...this.#pool.prefixes, ...allPairs.map(({ prefix }) => prefix)]
    // The names are removed before the readers close, because an Asterisk thread that opens a pipe without a reader
    // hangs.
    await Promise.allSettled([this.#stale?.removeUnclaimed(), this.#folder.remove(prefixes)])
    this.#pool.close()
    for (const pair of allPairs) pair.close()
  }

  closed(connection: Connection): void {
    if (connection !== this.#service) return
    this.#service = undefined
    this.#watch.disconnected(performance.now())
  }

  ack(pairId: number, leg: LegIndex, offset: number): void {
    const pair = this.#pairs.get(pairId)
    pair?.legs[leg].ack(offset)
    if (pair?.finished) this.#dropPair(pair)
  }

  message(connection: Connection, message: FromService): void {
    if (message.t === 'stop') void this.#endAfterRescue(connection)
    else if (message.t === 'hello') this.#attachService(connection, message)
    else if (connection === this.#service) this.#handleRequest(connection, message)
  }

  /**
   * Ends the keeper after a rescue. Callers may have come in while the service stopped, and no other process returns
   * them to the dialplan.
   */
  async #endAfterRescue(connection: Connection): Promise<void> {
    await this.#rescue.round('service-gone')
    // Another service may have come meanwhile.
    if (this.#service === undefined || this.#service === connection) this.#onEnd()
  }

  #handleRequest(connection: Connection, message: FromService): void {
    const pair = 'pair' in message ? this.#pairs.get(message.pair) : undefined
    switch (message.t) {
      case 'take':
        void this.#assignPair(connection, message.request, message.tag)
        break
      case 'reopen':
        this.#reopen(connection, message)
        break
      case 'again':
        this.#readAgain(connection, message.request, pair)
        break
      case 'want':
        if (pair) connection.sendFrom(pair, message.from)
        break
      case 'gone':
        if (pair) this.#channelEnded(pair)
        break
      case 'pong':
        this.#watch.proofOfLife(performance.now())
        break
      case 'rescued-noted':
        this.#rescue.confirm(message.upTo)
        break
    }
  }

  async #assignPair(connection: Connection, request: number, tag: string): Promise<void> {
    try {
      const pair = await this.#pool.take()
      if (connection === this.#service) this.#startPair(connection, request, pair, tag, { base: 0 })
      else this.#pool.returnUnused(pair)
    } catch (error) {
      connection.send({ t: 'refused', request, reason: (error as Error).message })
    }
  }

  #reopen(connection: Connection, message: Extract<FromService, { t: 'reopen' }>): void {
    const { request, prefix, tag, base, acked } = message
    const pair = this.#stale?.claim(prefix)
    if (pair) this.#startPair(connection, request, pair, tag, { base, acked })
    else connection.send({ t: 'refused', request, reason: 'no such pipes' })
  }

  #readAgain(connection: Connection, request: number, pair: PipePair | undefined): void {
    try {
      if (!pair) throw new Error('no such pipes')
      pair.readAgain()
      connection.send({ t: 'taken', request, pair: pair.id, prefix: pair.prefix })
    } catch (error) {
      connection.send({ t: 'refused', request, reason: (error as Error).message })
    }
  }

  #startPair(connection: Connection, request: number, pair: PipePair, tag: string, from: StartOffsets): void {
    this.#pairs.set(pair.id, pair)
    pair.start(tag, from, this.#limits.heldBytes, { available: (of, leg) => this.#enqueue(of, leg) })
    connection.send({ t: 'taken', request, pair: pair.id, prefix: pair.prefix })
    connection.sendFrom(pair, [from.base, from.base])
  }

  #attachService(connection: Connection, hello: Extract<FromService, { t: 'hello' }>): void {
    // A peer that sends `hello` repeatedly and reads no answer would only fill memory.
    if (connection.congested) {
      connection.destroy()
      return
    }
    if (this.#replaced.includes(hello.service)) {
      connection.close({ t: 'replaced' })
      return
    }
    connection.send({
      t: 'hello',
      version: PROTOCOL_VERSION,
      keeper: this.#id,
      pid: process.pid,
      tapDir: this.#folder.dir,
    })
    if (hello.version !== PROTOCOL_VERSION) return
    if (this.#service && this.#service !== connection) this.#replace(this.#service, hello.service)
    this.#service = connection
    this.#serviceId = hello.service
    this.#watch.greeted(performance.now())
    this.#rescue.setAccess(hello.ari)
    for (const { id, prefix, tag, channelEnded: gone, legs } of this.#pairs.values()) {
      const [rx, tx] = legs.map(({ acked, end, closed }) => ({ acked, end, closed }))
      connection.send({ t: 'held', pair: id, prefix, tag, gone, legs: [rx!, tx!] })
    }
    connection.send({ t: 'held-all' })
    this.#reportRescues()
  }

  /**
   * Ends the connection to the earlier service. That service may not read the reason because it is writing, so the
   * keeper remembers its id and sends the reason when it connects again.
   */
  #replace(before: Connection, by: string | undefined): void {
    const id = this.#serviceId
    const isSame = id !== undefined && id === by
    if (id !== undefined && !isSame) this.#replaced = [...this.#replaced, id].slice(-MOST_REPLACED)
    before.close(isSame ? undefined : { t: 'replaced' })
  }

  #enqueue(pair: PipePair, leg: LegIndex): void {
    this.#service?.enqueue(pair, leg)
    if (pair.finished) this.#dropPair(pair)
  }

  #channelEnded(pair: PipePair): void {
    if (pair.channelEnded) return
    this.#ended.add(pair, performance.now())
    pair.expectEnd()
    if (pair.finished) this.#dropPair(pair)
  }

  #dropPair(pair: PipePair): void {
    this.#pairs.delete(pair.id)
    this.#service?.stopSending(pair)
  }

  #reportHeldBytes(): void {
    if (!this.#service || this.#service.congested) return
    let all = 0
    for (const { id, held } of this.#pairs.values()) {
      const bytes = Math.max(...held)
      all += held[0] + held[1]
      if (bytes > this.#limits.heldBytes / 2) this.#service.send({ t: 'filling', pair: id, bytes })
    }
    this.#service.send({ t: 'ping', held: all })
  }

  #reportRescues(): void {
    const rescued = this.#rescue.unconfirmed()
    if (rescued && this.#service && !this.#service.congested) this.#service.send({ t: 'rescued', ...rescued })
  }

  async #reportFailure(work: Promise<void> | undefined): Promise<void> {
    try {
      await work
    } catch (error) {
      this.tell((error as Error).message)
    }
  }
}

/**
 * Pipes of a dead keeper. Calls may be writing to them. They are opened at once, because an Asterisk thread that opens
 * a pipe without a reader hangs. They are not read until the service claims them.
 */
class StalePipes {
  readonly #folder: TapFolder
  readonly #pairs = new Map<string, PipePair>()

  private constructor(folder: TapFolder) {
    this.#folder = folder
  }

  /** Opens every complete pair in the folder and removes incomplete pairs. */
  static async find(folder: TapFolder, pool: PipePool): Promise<StalePipes> {
    const stale = new StalePipes(folder)
    const broken: string[] = []
    for (const prefix of folder.list()) {
      if (isPair(prefix)) stale.#pairs.set(prefix, pool.open(prefix))
      else broken.push(prefix)
    }
    if (broken.length > 0) await folder.remove(broken)
    return stale
  }

  /** Returns the pair with this prefix; undefined if it is missing or was claimed before. */
  claim(prefix: string): PipePair | undefined {
    const pair = this.#pairs.get(prefix)
    this.#pairs.delete(prefix)
    return pair
  }

  /** Removes unclaimed pairs. A call that opens one later finds no pipe and continues unrecorded. */
  async removeUnclaimed(): Promise<void> {
    if (this.#pairs.size === 0) return
    const unclaimed = [...this.#pairs]
    await this.#folder.remove(unclaimed.map(([prefix]) => prefix))
    for (const [prefix, pair] of unclaimed) {
      // One that was claimed meanwhile has another owner.
      if (this.#pairs.delete(prefix)) pair.close()
    }
  }
}

const isPair = (prefix: string): boolean =>
  SUFFIXES.every(suffix => lstatSync(prefix + suffix, { throwIfNoEntry: false })?.isFIFO() === true)

/** How long Asterisk may keep pipes open after its channel has ended, ms. Then the keeper closes them. */
const CLOSE_TIMEOUT = 60_000
/** Time from an attempt to remove pipes that failed to the next one, ms. */
const RETRY_INTERVAL = 10_000

/** The pairs whose channel has ended, until their pipes are removed. */
class EndedPipes {
  readonly #folder: TapFolder
  /** Each pair with the time at which its channel had ended; monotonic, ms. */
  readonly #since = new Map<PipePair, number>()
  #removing = false
  #removesFrom = 0

  constructor(folder: TapFolder) {
    this.#folder = folder
  }

  get pairs(): PipePair[] {
    return [...this.#since.keys()]
  }

  /** @param now monotonic, ms */
  add(pair: PipePair, now: number): void {
    this.#since.set(pair, now)
  }

  /**
   * Removes the pipes that Asterisk has closed. All of one tick are removed together, because the folder must be made
   * writable for it. A pair is forgotten only once its pipes are removed.
   *
   * @param now monotonic, ms
   * @throws the system's error; a call 10 s later tries again
   */
  async remove(now: number): Promise<void> {
    const ended: PipePair[] = []
    for (const [pair, since] of this.#since) {
      if (pair.ended) ended.push(pair)
      else if (now - since > CLOSE_TIMEOUT) pair.close()
    }
    if (ended.length === 0 || this.#removing || now < this.#removesFrom) return
    this.#removing = true
    try {
      await this.#folder.remove(ended.map(({ prefix }) => prefix))
      for (const pair of ended) this.#since.delete(pair)
    } catch (error) {
      this.#removesFrom = now + RETRY_INTERVAL
      throw error
    } finally {
      this.#removing = false
    }
  }
}
