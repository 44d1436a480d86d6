/** A keeper pings twice a second, an older one once. One without a ping for so long hangs, and would block Asterisk, ms. */
const PING_TIMEOUT = 5_000
/** A look so late means that the service itself hung, so that missing pings prove nothing, ms. */
const LATE_LOOK = 2_500

/** Finds out whether a keeper hangs, by what it sends. All times are monotonic, ms. */
export class SilenceWatch {
  #heardAt = 0
  #lookedAt = performance.now()

  /** Something came from the keeper. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Call this every second. @returns whether the keeper has been silent for too long */
  look(now = performance.now()): boolean {
    const late = now - this.#lookedAt > LATE_LOOK
    this.#lookedAt = now
    if (late) this.#heardAt = now
    return now - this.#heardAt >= PING_TIMEOUT
  }
}
