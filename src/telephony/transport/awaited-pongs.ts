import { AppError } from '../../shared/errors.js'

interface Awaited {
  /** Monotonic, ms. */
  askedAt: number
  resolve(): void
  reject(error: Error): void
}

/**
 * The pings of an event socket, and what waits for their pongs. The PBX answers in order with what it sends, so a pong says that all has
 * arrived that the PBX had sent before. It may leave out the pongs of pings before the last one (RFC 6455, 5.5.3).
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

  /** Sends a ping of its own accord. Its pong answers the awaited ones before it, too. */
  ping(): void {
    this.#send(String(this.#last))
  }

  /**
   * Resolves when all has been handled that the PBX had sent before the call.
   * @throws AppError `pbx.unavailable` once the socket is closed
   */
  caughtUp(): Promise<void> {
    if (this.#closed) return Promise.reject(closed())
    // All who ask at the same time wait for the same pong.
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

  /** A pong came. One with a text that was not sent is ignored. */
  pong(text: string): void {
    const upTo = Number(text)
    if (upTo > this.#last) return
    for (const [number, { resolve }] of this.#awaited) {
      if (!(number <= upTo)) return
      this.#awaited.delete(number)
      resolve()
    }
  }

  /** For how long the oldest ping has waited for its pong, ms; 0 if none waits. */
  waitedMs(now = performance.now()): number {
    for (const { askedAt } of this.#awaited.values()) return now - askedAt
    return 0
  }

  /** This process stood still, and pongs may wait to be read: all pings count as sent now. */
  stalled(now = performance.now()): void {
    for (const one of this.#awaited.values()) one.askedAt = now
  }

  /** Call this when the socket is closed. Everything that waits for a pong rejects. */
  close(): void {
    this.#closed = true
    for (const { reject } of this.#awaited.values()) reject(closed())
    this.#awaited.clear()
  }
}

const closed = () =>
  new AppError('pbx.unavailable', 'the connection to the PBX is closed', { retryable: true })
