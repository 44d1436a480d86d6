import type { Secret } from '../../core/secret.js'
import { type Connection, connect } from '../../db/connection.js'
import { describeFailure } from '../../db/failure.js'
import { watchdog } from '../../db/watchdog.js'
import type { Log } from '../../lib/log.js'
import { probeTables } from './write-batch.js'

/**
 * Delays between attempts to connect, ms. The first attempt is immediate; then the delay doubles up to `longest`. The connection
 * keeps the delay itself, and not `retry`, because an attempt has succeeded only once a batch was committed.
 */
export const RETRY_MS = { first: 100, longest: 2_000 }

/**
 * Longest time of one transaction, ms. A sync delayed by a database checkpoint takes some hundred ms. A connection that has not
 * answered after this time counts as stuck and is replaced.
 */
const STALL_MS = 2_000

/** A connection that was idle for this long is tested, ms. */
export const IDLE_MS = 1_000

/** One connection of the journal to its database. It can be opened again after it was lost or cut. */
export class JournalConnection {
  readonly #url: Secret | string
  readonly #onLost: () => void
  readonly #purpose: string
  #connection: Connection | undefined
  #retryDelayMs = 0
  #answeredAt = performance.now()
  #writableAt = this.#answeredAt

  /**
   * @param onLost called when an open connection is lost
   * @param purpose shown in the database as application name
   */
  constructor(url: Secret | string, onLost: () => void, purpose = 'journal') {
    this.#url = url
    this.#onLost = onLost
    this.#purpose = purpose
  }

  get isOpen(): boolean {
    return this.#connection !== undefined
  }

  /** Delay before the next `open`, ms. Grows with each `open` until the connection has worked. */
  get retryDelayMs(): number {
    return this.#retryDelayMs
  }

  /** Time since the database last answered, ms. */
  get silentMs(): number {
    return performance.now() - this.#answeredAt
  }

  /** Time since the database last proved that it accepts events, ms. */
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
   * Runs `work` on the connection and cuts the connection if `work` takes longer than `STALL_MS`.
   *
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

  /** Reports that the connection works. If it is lost, the next one is opened without delay. */
  markWorking(): void {
    this.#markAnswered()
    this.markWritable()
  }

  /** Reports that the database has just committed events over another connection. */
  markWritable(): void {
    this.#writableAt = performance.now()
  }

  /**
   * Tests whether the database answers, has our tables and lets us write them. If not, the connection is cut.
   *
   * @param provesWritable whether success also proves that the database accepts events. False while events are in
   *   flight.
   * @returns the fault in words; undefined if there is none
   */
  async probe(log: Log, provesWritable = true): Promise<string | undefined> {
    try {
      await this.withStallLimit(probeTables)
      this.#markAnswered()
      if (provesWritable) this.markWritable()
      return undefined
    } catch (error) {
      this.cut()
      const reason = describeFailure(error)
      log.warn({ reason }, 'the database does not answer or cannot be written; the journal reconnects')
      return reason
    }
  }

  #markAnswered(): void {
    this.#retryDelayMs = 0
    this.#answeredAt = performance.now()
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
