import { type Connection, connect } from '../db/connection.js'
import { patience } from '../db/patience.js'
import type { Secret } from '../shared/secret.js'

/** Waits between tries to reach the database, ms: the first try is at once, then they double up to `longest`. */
export const RETRY_MS = { first: 100, longest: 2_000 }

/**
 * How long one transaction may take, ms. A sync that a checkpoint holds up takes hundreds; a database that has not answered
 * after this long is stuck, and over another connection it may not be.
 */
const STALL_MS = 2_000

/** The journal's connection, opened again whenever it was lost or thrown away. */
export class Link {
  readonly #url: Secret | string
  readonly #onLost: () => void
  #connection: Connection | undefined
  #wait = 0
  #heardAt = performance.now()
  #provedAt = this.#heardAt

  constructor(url: Secret | string, onLost: () => void) {
    this.#url = url
    this.#onLost = onLost
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** How long to wait before the next `open`, ms; grows while `open` fails. */
  get wait(): number {
    return this.#wait
  }

  /** For how long nothing was heard of the database, ms. */
  get unheardMs(): number {
    return performance.now() - this.#heardAt
  }

  /** For how long nothing has proved that it takes what it is given, ms. */
  get unprovedMs(): number {
    return performance.now() - this.#provedAt
  }

  /** @throws AppError `db.unavailable` */
  async open(): Promise<void> {
    this.#wait = Math.min(this.#wait * 2 || RETRY_MS.first, RETRY_MS.longest)
    const opened = await connect(this.#url, 'journal')
    this.#heardAt = performance.now()
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
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const silence = patience(STALL_MS, () => this.cut())
    try {
      return await work(this.#connection!)
    } finally {
      silence()
    }
  }

  /** The connection has proved its worth: if it is lost, the next one is opened at once. */
  proved(): void {
    this.#wait = 0
    this.#heardAt = this.#provedAt = performance.now()
  }

  cut(): void {
    this.#connection?.cut()
    this.#connection = undefined
  }

  async close(): Promise<void> {
    if (this.#connection) await this.use(connection => connection.close())
    this.#connection = undefined
  }
}
