/**
 * A keeper pings twice a second, one of an earlier version once. A keeper without a ping for this time, ms, hangs and
 * would block Asterisk.
 */
const PING_TIMEOUT = 5_000
/** A check that is this late, ms, means that the service itself hung. Missing pings then prove nothing. */
const LATE_LOOK = 2_500

/** Detects a keeper that hangs, by the time since its last message. All times are monotonic, ms. */
export class SilenceWatch {
  #heardAt = 0
  #lookedAt = performance.now()

  /** The keeper has sent something. */
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
