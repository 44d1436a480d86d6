import { type Connection, connect } from '../../db/connection.js'
import { describeFailure } from '../../db/failure.js'
import { watchdog } from '../../db/watchdog.js'
import type { Log } from '../../shared/log.js'
import type { Secret } from '../../shared/secret.js'
import { writeBatch } from './write-batch.js'

/** Waits between tries to reach the database, ms: the first try is at once, then they double up to `longest`. */
export const RETRY_MS = { first: 100, longest: 2_000 }

/**
 * How long one transaction may take, ms. A sync that a checkpoint holds up takes hundreds; a database that has not answered
 * after this long is stuck, and over another connection it may not be.
 */
const STALL_MS = 2_000

/** A connection that was idle for so long is tested, ms. */
export const IDLE_MS = 1_000

/** A connection of the journal, opened again whenever it was lost or thrown away. */
export class JournalConnection {
  readonly #url: Secret | string
  readonly #onLost: () => void
  readonly #purpose: string
  #connection: Connection | undefined
  #retryDelayMs = 0
  #answeredAt = performance.now()
  #writableAt = this.#answeredAt

  /** @param purpose shown to the database as application name */
  constructor(url: Secret | string, onLost: () => void, purpose = 'journal') {
    this.#url = url
    this.#onLost = onLost
    this.#purpose = purpose
  }

  get isOpen(): boolean {
    return this.#connection !== undefined
  }

  /** How long to wait before the next `open`, ms; grows while `open` fails. */
  get retryDelayMs(): number {
    return this.#retryDelayMs
  }

  /** For how long nothing was heard of the database, ms. */
  get silentMs(): number {
    return performance.now() - this.#answeredAt
  }

  /** For how long nothing has proved that it takes what it is given, ms. */
  get unwritableMs(): number {
    return performance.now() - this.#writableAt
  }

  /** @throws AppError `db.unavailable` */
  async open(): Promise<void> {
    this.#retryDelayMs = Math.min(this.#retryDelayMs * 2 || RETRY_MS.first, RETRY_MS.longest)
    const opened = await connect(this.#url, this.#purpose)
    this.#answeredAt = performance.now()
    opened.onLost(() => {
      if (this.#connection !== opened) return
      this.#connection = undefined
      this.#onLost()
    })
    this.#connection = opened
  }

  /**
   * Does something over the connection, which is cut if the database is silent meanwhile.
   * @throws what `work` throws
   */
  async withStallLimit<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const cancelWatchdog = watchdog(STALL_MS, () => this.cut())
    try {
      return await work(this.#connection!)
    } finally {
      cancelWatchdog()
    }
  }

  /** The connection has proved its worth: if it is lost, the next one is opened at once. */
  markWorking(): void {
    this.#retryDelayMs = 0
    this.#answeredAt = this.#writableAt = performance.now()
  }

  /** Notes that the database has just committed something over another connection. */
  markWritable(): void {
    this.#writableAt = performance.now()
  }

  /**
   * Tests by a batch without events whether the database answers, has our tables, and lets us write to them. If not, the
   * connection is cut.
   *
   * @param takes whether an answer also proves that the database takes events; it does not while events are under way
   * @returns what is wrong, in words; undefined if nothing is
   */
  async probe(log: Log, takes = true): Promise<string | undefined> {
    const provedAt = this.#writableAt
    try {
      await this.withStallLimit(connection => writeBatch(connection, [], new Set()))
      this.markWorking()
      if (!takes) this.#writableAt = provedAt
      return undefined
    } catch (error) {
      this.cut()
      const reason = describeFailure(error)
      log.warn({ reason }, 'the database does not answer, or takes nothing; it is reached anew')
      return reason
    }
  }

  cut(): void {
    this.#connection?.cut()
    this.#connection = undefined
  }

  async close(): Promise<void> {
    if (this.#connection) await this.withStallLimit(connection => connection.close())
    this.#connection = undefined
  }
}
