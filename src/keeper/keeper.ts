import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { Connection, type ConnectionEvents } from './connection.js'
import type { Limits } from './limits.js'
import type { Beginning, Pair } from './pairs.js'
import { Pool } from './pool.js'
import { type FromService, type KeeperSettings, type LegIndex, PROTOCOL_VERSION } from './protocol.js'
import { Rescue } from './rescue.js'
import { ServiceWatch } from './service-watch.js'
import { StalePipes } from './stale-pipes.js'
import { TapFolder } from './tap-folder.js'

/** ms between pings, rescue rounds and clean-ups. */
export const TICK = 1_000
/** A tick so late means that the keeper itself was stopped, ms: what it did not hear meanwhile proves nothing. */
const LATE_TICK = 2_500
/** Who connects says hello within this, ms, usually at once; the places for services are few. */
const HELLO_PATIENCE = 2_000
/** A channel that is gone lets go of its pipes within this, ms; later they are closed under Asterisk's hands. */
const GONE_PATIENCE = 60_000

/** The pairs in use, and the one service that is connected. */
export class Keeper implements ConnectionEvents {
  readonly #id = randomUUID()
  readonly #folder: TapFolder
  readonly #limits: Limits
  readonly #pool: Pool
  readonly #rescue: Rescue
  readonly #watch: ServiceWatch
  readonly #onEnd: () => void
  readonly #inUse = new Map<number, Pair>()
  /** When the channel of a pair was told to be gone, while its pipes are still to be removed; monotonic, ms. */
  readonly #leaving = new Map<Pair, number>()
  #stale: StalePipes | undefined
  #service: Connection | undefined
  #startedAt = performance.now()
  #lastTick = this.#startedAt

  private constructor(settings: KeeperSettings & { limits: Limits }, onEnd: () => void) {
    const { tapDir, ari, limits } = settings
    this.#limits = limits
    this.#folder = new TapFolder(tapDir)
    this.#pool = new Pool({ folder: this.#folder, batch: limits.batch, heldBytes: limits.heldBytes })
    this.#rescue = new Rescue(ari)
    this.#watch = new ServiceWatch(limits, this.#startedAt)
    this.#onEnd = onEnd
  }

  /**
   * A keeper with its first pipes made.
   *
   * @param onEnd it has nothing more to do
   * @throws TapFolderError, or the system's error
   */
  static async start(settings: KeeperSettings & { limits: Limits }, onEnd: () => void): Promise<Keeper> {
    const keeper = new Keeper(settings, onEnd)
    keeper.#folder.prepare()
    keeper.#stale = await StalePipes.find(keeper.#folder, keeper.#pool)
    await keeper.#pool.fill()
    return keeper
  }

  /** Somebody connected; who says hello is the service from then on, and whoever was it before is not. */
  accept(socket: Socket): void {
    const connection = new Connection(socket, this)
    const timer = setTimeout(() => {
      if (connection !== this.#service) connection.drop()
    }, HELLO_PATIENCE)
    socket.once('close', () => clearTimeout(timer))
  }

  get hasService(): boolean {
    return this.#service !== undefined
  }

  /** To be called each second. */
  tick(now = performance.now()): void {
    if (now - this.#lastTick > LATE_TICK) this.#watch.excuse(now)
    this.#lastTick = now
    const verdict = this.#watch.verdict(now)
    if (verdict) this.#rescue.round(verdict)
    this.#tellHeld()
    this.#tellRescues()
    if (now - this.#startedAt > this.#limits.staleMs) this.#guard(this.#stale?.removeRest())
    this.#removeLeft(now)
    const orphanedMs = this.#watch.orphanedMs(now)
    if (
      orphanedMs > this.#limits.orphanEndMs ||
      (orphanedMs > this.#limits.idleEndMs && this.#inUse.size === 0)
    )
      this.#onEnd()
  }

  /** Closes and removes everything. */
  async end(): Promise<void> {
    this.#service?.close()
    const given = new Set([...this.#inUse.values(), ...this.#leaving.keys()])
    for (const pair of given) pair.close()
    await this.#stale?.removeRest()
    await this.#folder.remove([...this.#pool.drain(), ...[...given].map(({ prefix }) => prefix)])
  }

  closed(connection: Connection): void {
    if (connection !== this.#service) return
    this.#service = undefined
    this.#watch.lost(performance.now())
  }

  ack(pairId: number, leg: LegIndex, offset: number): void {
    const pair = this.#inUse.get(pairId)
    pair?.legs[leg].ack(offset)
    if (pair?.over) this.#forget(pair)
  }

  message(connection: Connection, message: FromService): void {
    if (message.t === 'stop') this.#onEnd()
    else if (message.t === 'hello') this.#welcome(connection, message)
    else if (connection === this.#service) this.#serve(connection, message)
  }

  #serve(connection: Connection, message: FromService): void {
    const pair = 'pair' in message ? this.#inUse.get(message.pair) : undefined
    switch (message.t) {
      case 'take':
        this.#take(connection, message.request, message.tag)
        break
      case 'reopen':
        this.#reopen(connection, message)
        break
      case 'want':
        if (pair) connection.want(pair, message.from)
        break
      case 'gone':
        if (pair) this.#channelGone(pair)
        break
      case 'pong':
        this.#watch.heard(performance.now())
        break
      case 'rescued-noted':
        this.#rescue.confirm(message.upTo)
        break
    }
  }

  async #take(connection: Connection, request: number, tag: string): Promise<void> {
    try {
      const pair = await this.#pool.take()
      if (connection === this.#service) this.#use(connection, request, pair, tag, { base: 0 })
      else this.#pool.putBack(pair)
    } catch (error) {
      connection.send({ t: 'refused', request, reason: (error as Error).message })
    }
  }

  #reopen(connection: Connection, message: Extract<FromService, { t: 'reopen' }>): void {
    const { request, prefix, tag, base, acked } = message
    const pair = this.#stale?.claim(prefix)
    if (pair) this.#use(connection, request, pair, tag, { base, acked })
    else connection.send({ t: 'refused', request, reason: 'no such pipes' })
  }

  #use(connection: Connection, request: number, pair: Pair, tag: string, from: Beginning): void {
    this.#inUse.set(pair.id, pair)
    pair.start(tag, from, this.#limits.heldBytes, { news: (of, leg) => this.#news(of, leg) })
    connection.send({ t: 'taken', request, pair: pair.id, prefix: pair.prefix })
    connection.want(pair, [from.base, from.base])
  }

  #welcome(connection: Connection, hello: Extract<FromService, { t: 'hello' }>): void {
    // Who says hello again and again and reads no answer only fills memory.
    if (connection.clogged) {
      connection.drop()
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
    if (this.#service !== connection) this.#service?.close({ t: 'replaced' })
    this.#service = connection
    this.#watch.heard(performance.now())
    this.#rescue.setAccess(hello.ari)
    for (const { id, prefix, tag, gone, legs } of this.#inUse.values()) {
      const [rx, tx] = legs.map(({ acked, end, closed }) => ({ acked, end, closed }))
      connection.send({ t: 'held', pair: id, prefix, tag, gone, legs: [rx!, tx!] })
    }
    connection.send({ t: 'held-all' })
    this.#tellRescues()
  }

  #news(pair: Pair, leg: LegIndex): void {
    this.#service?.news(pair, leg)
    if (pair.over) this.#forget(pair)
  }

  #channelGone(pair: Pair): void {
    if (pair.gone) return
    this.#leaving.set(pair, performance.now())
    pair.channelGone()
    if (pair.over) this.#forget(pair)
  }

  #forget(pair: Pair): void {
    this.#inUse.delete(pair.id)
    this.#service?.forget(pair)
  }

  /** Pipes are removed in one go each second, because the folder has to be opened for it. */
  #removeLeft(now: number): void {
    const ended: Pair[] = []
    for (const [pair, since] of this.#leaving) {
      if (pair.ended) ended.push(pair)
      else if (now - since > GONE_PATIENCE) pair.close()
    }
    for (const pair of ended) this.#leaving.delete(pair)
    if (ended.length > 0) this.#guard(this.#folder.remove(ended.map(pair => pair.prefix)))
  }

  #tellHeld(): void {
    if (!this.#service || this.#service.clogged) return
    let all = 0
    for (const { id, held } of this.#inUse.values()) {
      const bytes = Math.max(...held)
      all += held[0] + held[1]
      if (bytes > this.#limits.heldBytes / 2) this.#service.send({ t: 'filling', pair: id, bytes })
    }
    this.#service.send({ t: 'ping', held: all })
  }

  #tellRescues(): void {
    const rescued = this.#rescue.unconfirmed()
    if (rescued && this.#service && !this.#service.clogged) this.#service.send({ t: 'rescued', ...rescued })
  }

  async #guard(work: Promise<void> | undefined): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#service?.send({ t: 'note', text: (error as Error).message })
    }
  }
}
