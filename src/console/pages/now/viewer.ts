import { Readable } from 'node:stream'
import type { SessionId } from '../../../core/ids.js'
import type { LivePage } from './live-page.js'

/** Wait of a browser before it connects again, ms. */
const RETRY_MS = 3_000

/** The events for one browser (WHATWG HTML section 9.2). A slow browser gets all missed changes in one event. */
export class Viewer extends Readable {
  #seen = 0
  #wanting = false
  #toldOld = false

  constructor(
    readonly session: SessionId,
    readonly page: LivePage,
  ) {
    // Holds one byte: the next event is made only after the former one was sent.
    super({ highWaterMark: 1 })
    this.push(`retry: ${RETRY_MS}\n\n`)
  }

  override _read(): void {
    this.#wanting = true
    this.offer()
  }

  /** Sends the changes, or that the content is outdated, unless the browser still reads the former event. */
  offer(): void {
    const { isOld, turn } = this.page
    if (!this.#wanting || (isOld ? this.#toldOld : turn === this.#seen)) return
    this.#wanting = false
    this.#toldOld = isOld
    if (isOld) {
      this.push('event: old\ndata:\n\n')
      return
    }
    const event = this.page.eventSince(this.#seen)
    this.#seen = turn
    this.push(event)
  }

  /** Ends the stream because the session has ended. The browser goes to the sign-in. */
  signOut(): void {
    this.push('event: signed-out\ndata:\n\n')
    this.push(null)
  }

  /** Ends the stream. The browser connects again. */
  end(): void {
    this.push(null)
  }
}
