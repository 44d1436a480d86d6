import type { CallEvent } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'

/** Most probe calls in memory, the latest. The last event of a call comes within a minute, and probe calls are rare. */
const MOST = 100

/** Distinguishes the events of probe calls from those of callers. */
export class RecentProbes {
  readonly #calls = new Set<CallId>()

  /**
   * Returns whether an event belongs to a probe call. Takes every event that enters the journal, in order. An alarm
   * belongs to no call.
   */
  has({ type, call, data }: CallEvent): boolean {
    if (!call || type === 'alarm.raised') return false
    if (type === 'call.started' && data.probe) {
      this.#calls.add(call)
      const [oldest] = this.#calls
      if (this.#calls.size > MOST && oldest !== undefined) this.#calls.delete(oldest)
    }
    return this.#calls.has(call)
  }
}
