import { type Connection, connect } from '../db/connection.js'
import type { Secret } from '../shared/secret.js'

/** Waits between tries to reach the database, ms: the first try is at once, then they double up to `longest`. */
export const RETRY_MS = { first: 100, longest: 2_000 }

/** The journal's connection, opened again whenever it was lost or thrown away. */
export class Link {
  readonly #url: Secret | string
  readonly #onLost: () => void
  #connection: Connection | undefined
  #wait = 0

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

  /** @throws AppError `db.unavailable` */
  async open(): Promise<void> {
    this.#wait = Math.min(this.#wait * 2 || RETRY_MS.first, RETRY_MS.longest)
    const opened = await connect(this.#url, 'journal')
    opened.onLost(() => {
      if (this.#connection !== opened) return
      this.#connection = undefined
      this.#onLost()
    })
    this.#connection = opened
  }

  /** The connection has proved its worth: if it is lost, the next one is opened at once. */
  proved(): void {
    this.#wait = 0
  }

  cut(): void {
    this.#connection?.cut()
    this.#connection = undefined
  }

  async close(): Promise<void> {
    await this.#connection?.close()
    this.#connection = undefined
  }
}
