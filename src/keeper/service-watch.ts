import type { Limits } from './limits.js'
import type { RescueReason } from './protocol.js'

/** Judges from what was heard of the service, and when, whether callers must be rescued. Times are monotonic, ms. */
export class ServiceWatch {
  readonly #limits: Pick<Limits, 'frozenMs' | 'goneMs'>
  #connected = false
  /** Of the last proof that work gets done while connected, else of the loss of the connection. */
  #since: number

  constructor(limits: Pick<Limits, 'frozenMs' | 'goneMs'>, now: number) {
    this.#limits = limits
    this.#since = now
  }

  /** The service has said hello, or answered a ping: its files can be worked on. Nothing else shows that work gets done. */
  heard(now: number): void {
    this.#connected = true
    this.#since = now
  }

  lost(now: number): void {
    if (!this.#connected) return
    this.#connected = false
    this.#since = now
  }

  /** The keeper itself did not run until `now`: the service's silence before proves nothing. */
  excuse(now: number): void {
    this.#since = now
  }

  /** How long there has been no service, ms; 0 while one is connected. */
  alone(now: number): number {
    return this.#connected ? 0 : now - this.#since
  }

  verdict(now: number): RescueReason | undefined {
    const silent = now - this.#since
    if (this.#connected) return silent >= this.#limits.frozenMs ? 'service-frozen' : undefined
    return silent >= this.#limits.goneMs ? 'service-gone' : undefined
  }
}
