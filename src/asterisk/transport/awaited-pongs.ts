import { AppError } from '../../core/errors.js'

interface Awaited {
  /** Monotonic, ms. */
  askedAt: number
  resolve(): void
  reject(error: Error): void
}

/**
 * The pings of an event socket, and the waiters for their pongs. The PBX sends in order, so a pong proves that
 * everything sent before it has arrived. The PBX may leave out the pongs of pings before the last one (RFC 6455,
 * 5.5.3).
 */
export class AwaitedPongs {
  readonly #send: (text: string) => void
  /** Number of the last awaited ping, which is its text. Later pings repeat it. */
  #last = 0
  readonly #awaited = new Map<number, Awaited>()
  #asking: Promise<void> | undefined
  #closed = false

  /** @param send sends a ping with this text */
  constructor(send: (text: string) => void) {
    this.#send = send
  }

  /** Sends a ping without a waiter. Its pong also answers the awaited pings before it. */
  ping(): void {
    this.#send(String(this.#last))
  }

  /**
   * Resolves when everything that the PBX had sent before the call is handled.
   * @throws AppError `pbx.unavailable` once the socket is closed
   */
  caughtUp(): Promise<void> {
    if (this.#closed) return Promise.reject(closed())
    // Simultaneous waiters share one pong.
    this.#asking ??= new Promise((resolve, reject) => {
      queueMicrotask(() => {
        this.#asking = undefined
      })
      this.#last += 1
      this.#awaited.set(this.#last, { askedAt: performance.now(), resolve, reject })
      this.#send(String(this.#last))
    })
    return this.#asking
  }

  /** Handles a pong. A pong with an unknown text is ignored. */
  pong(text: string): void {
    const upTo = Number(text)
    if (upTo > this.#last) return
    for (const [number, { resolve }] of this.#awaited) {
      if (!(number <= upTo)) return
      this.#awaited.delete(number)
      resolve()
    }
  }

  /** How long the oldest ping has waited for its pong, ms; 0 if none waits. */
  waitedMs(now = performance.now()): number {
    for (const { askedAt } of this.#awaited.values()) return now - askedAt
    return 0
  }

  /** This process stalled, and pongs may be unread: all pings count as sent now. */
  stalled(now = performance.now()): void {
    for (const one of this.#awaited.values()) one.askedAt = now
  }

  /** Call this when the socket is closed. All waiters reject. */
  close(): void {
    this.#closed = true
    for (const { reject } of this.#awaited.values()) reject(closed())
    this.#awaited.clear()
  }
}

const closed = () =>
  new AppError('pbx.unavailable', 'the connection to the PBX is closed', { retryable: true })
