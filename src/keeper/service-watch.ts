import type { Limits } from './limits.js'
import type { RescueReason } from './protocol.js'

/**
 * A working service has answered a ping within this time, ms: the last ping or, on a busy machine, the one before it.
 */
const ANSWERED_MS = 2_000

/**
 * Decides whether callers must be rescued, from the times of the last signs of the service. Times are monotonic, ms.
 */
export class ServiceWatch {
  readonly #limits: Pick<Limits, 'frozenMs' | 'goneMs' | 'startMs'>
  /** `greeted`: a service has connected. It has not shown yet that it serves. */
  #service: 'away' | 'greeted' | 'serving' = 'away'
  /**
   * Since when callers may wait: the last proof that a service serves, or the loss of the connection to one that
   * served.
   */
  #since: number
  /** Whether the callers who wait since `#since` were rescued. */
  #rescued = false

  constructor(limits: Pick<Limits, 'frozenMs' | 'goneMs' | 'startMs'>, now: number) {
    this.#limits = limits
    this.#since = now
  }

  /** The service has sent `hello`. The callers of the earlier service wait until this one serves them. */
  greeted(now: number): void {
    this.#service = 'greeted'
    if (this.#rescued) this.#restart(now)
  }

  /**
   * The service has answered a ping. It answers only when it serves callers and a file operation has ended. Other
   * messages are no proof.
   */
  proofOfLife(now: number): void {
    this.#service = 'serving'
    this.#restart(now)
  }

  /**
   * The connection to the service has closed. If that service never served, the callers of the earlier service still
   * wait. If it had missed pings, it was frozen, and its callers have waited since then unless they were rescued.
   */
  disconnected(now: number): void {
    if (this.#service === 'serving')
      this.#restart(this.#rescued ? now : Math.min(now, this.#since + ANSWERED_MS))
    this.#service = 'away'
  }

  /** The keeper itself was stopped until `now`, so earlier silence of the service proves nothing. */
  keeperResumed(now: number): void {
    this.#since = now
  }

  /** All callers are being returned to the dialplan. */
  rescued(): void {
    this.#rescued = true
  }

  /** Returns how long no service has been connected, ms; 0 while one is. */
  orphanedMs(now: number): number {
    return this.#service === 'away' ? now - this.#since : 0
  }

  /** Returns why callers must be rescued; undefined while the service works. */
  rescueReason(now: number): RescueReason | undefined {
    const silent = now - this.#since
    const { frozenMs, goneMs, startMs } = this.#limits
    if (this.#service === 'away') return silent >= goneMs ? 'service-gone' : undefined
    return silent >= (this.#service === 'serving' ? frozenMs : startMs) ? 'service-frozen' : undefined
  }

  #restart(now: number): void {
    this.#since = now
    this.#rescued = false
  }
}
