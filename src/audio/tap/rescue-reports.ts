import type { Rescued } from '../../keeper/protocol.js'

/** Passes on each of the keeper's rescues once. The keeper repeats its reports until they are confirmed. */
export class RescueReports {
  #callback: ((rescued: Rescued) => void) | undefined
  /** Number of the present keeper's rescues that were passed on. */
  #seen = 0

  onRescue(callback: (rescued: Rescued) => void): void {
    this.#callback = callback
  }

  /** Another keeper counts its rescues from the beginning. */
  newKeeper(): void {
    this.#seen = 0
  }

  /**
   * @param upTo count of the keeper's rescues, with `channels` as the last of them
   * @returns whether the report may be confirmed; false until a callback is set
   */
  report({ upTo, channels }: { upTo: number; channels: Rescued[] }): boolean {
    if (!this.#callback) return false
    const fresh = upTo - this.#seen
    for (const rescued of fresh > 0 ? channels.slice(-fresh) : []) this.#callback(rescued)
    this.#seen = Math.max(upTo, this.#seen)
    return true
  }
}
