import type { Clock } from '../../core/clock.js'

/** Time between two pings, ms. */
const INTERVAL_MS = 200
/** Silence after which open questions fail, ms. Callers are then asked for a key. On a busy machine an answer took up to a second. */
const SILENT_MS = 2_000
/** Silence after which the process is killed, ms. A process that was only starved has come back by then. */
const GONE_MS = 5_000
/** A tick this late means that this process itself stalled, ms. The other's silence then proves nothing. */
const LATE_MS = 400

export interface PingEvents {
  ping(count: number): void
  /** The process has been silent for 2 s. */
  silent(): void
  /** The process has been silent for 5 s. */
  gone(): void
}

/** Watches a process by pings. The next ping is sent after the answer to the previous one. */
export class PingWatch {
  readonly #clock: Pick<Clock, 'after' | 'elapsed'>
  readonly #events: PingEvents
  #count = 0
  /** When the unanswered ping was sent, monotonic, ms; undefined if each is answered. */
  #sentAt: number | undefined
  #tickedAt = 0
  #reported = false
  #cancel = () => {}

  constructor(clock: Pick<Clock, 'after' | 'elapsed'>, events: PingEvents) {
    this.#clock = clock
    this.#events = events
  }

  start(): void {
    this.stop()
    this.#sentAt = undefined
    this.#reported = false
    this.#tickedAt = this.#clock.elapsed()
    this.#tick()
  }

  stop(): void {
    this.#cancel()
  }

  /** @returns whether it answers the last ping */
  pong(count: number): boolean {
    if (count !== this.#count || this.#sentAt === undefined) return false
    this.#sentAt = undefined
    this.#reported = false
    return true
  }

  #tick(): void {
    const now = this.#clock.elapsed()
    if (this.#sentAt !== undefined && now - this.#tickedAt > INTERVAL_MS + LATE_MS) this.#sentAt = now
    this.#tickedAt = now
    if (this.#sentAt === undefined) {
      this.#sentAt = now
      this.#events.ping(++this.#count)
    }
    const silentMs = now - this.#sentAt
    // The ticks continue, because a kill may take a while.
    this.#cancel = this.#clock.after(INTERVAL_MS, () => this.#tick())
    if (silentMs >= GONE_MS) this.#events.gone()
    else if (silentMs >= SILENT_MS && !this.#reported) {
      this.#reported = true
      this.#events.silent()
    }
  }
}
