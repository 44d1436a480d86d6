import type { Limits } from './limits.js'
import type { RescueReason } from './protocol.js'

/** Decides whether callers must be rescued, from the times of the last signs of the service. Times are monotonic, ms. */
export class ServiceWatch {
  readonly #limits: Pick<Limits, 'frozenMs' | 'goneMs'>
  #connected = false
  /** Time of the last proof that the service works, or of the loss of the connection. */
  #since: number

  constructor(limits: Pick<Limits, 'frozenMs' | 'goneMs'>, now: number) {
    this.#limits = limits
    this.#since = now
  }

  /**
   * The service has sent `hello` or answered a ping. It answers a ping only when a file operation has succeeded. Other messages
   * are no proof.
   */
  proofOfLife(now: number): void {
    this.#connected = true
    this.#since = now
  }

  /** The connection to the service has closed. */
  disconnected(now: number): void {
    if (!this.#connected) return
    this.#connected = false
    this.#since = now
  }

  /** The keeper itself was stopped until `now`, so earlier silence of the service proves nothing. */
  keeperResumed(now: number): void {
    this.#since = now
  }

  /** Returns how long no service has been connected, ms; 0 while one is. */
  orphanedMs(now: number): number {
    return this.#connected ? 0 : now - this.#since
  }

  /** Returns why callers must be rescued; undefined while the service works. */
  rescueReason(now: number): RescueReason | undefined {
    const silent = now - this.#since
    if (this.#connected) return silent >= this.#limits.frozenMs ? 'service-frozen' : undefined
    return silent >= this.#limits.goneMs ? 'service-gone' : undefined
  }
}
