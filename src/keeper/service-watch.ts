import type { Limits } from './limits.js'
import type { RescueReason } from './protocol.js'

/** Judges from what was heard of the service, and when, whether callers must be rescued. Times are monotonic, ms. */
export class ServiceWatch {
  readonly #limits: Pick<Limits, 'frozenMs' | 'goneMs'>
  #connected = false
  /** When the service last proved that it works, or when the connection was lost. */
  #since: number

  constructor(limits: Pick<Limits, 'frozenMs' | 'goneMs'>, now: number) {
    this.#limits = limits
    this.#since = now
  }

  /**
   * The service has said hello or answered a ping, which it does once a file operation has come back. Nothing else is a
   * proof.
   */
  proofOfLife(now: number): void {
    this.#connected = true
    this.#since = now
  }

  disconnected(now: number): void {
    if (!this.#connected) return
    this.#connected = false
    this.#since = now
  }

  /** The keeper itself did not run until `now`: the service's silence before proves nothing. */
  keeperResumed(now: number): void {
    this.#since = now
  }

  /** How long there has been no service, ms; 0 while one is connected. */
  orphanedMs(now: number): number {
    return this.#connected ? 0 : now - this.#since
  }

  rescueReason(now: number): RescueReason | undefined {
    const silent = now - this.#since
    if (this.#connected) return silent >= this.#limits.frozenMs ? 'service-frozen' : undefined
    return silent >= this.#limits.goneMs ? 'service-gone' : undefined
  }
}
