import type { Trouble } from '../../../core/alarms.js'
import type { Clock } from '../../../core/clock.js'
import type { CallEvent } from '../../../core/events.js'
import type { CallId } from '../../../core/ids.js'

/**
 * Number of callers who left the question without our order that raises the alarm. An agent may have transferred one or
 * two.
 */
const ALARM_COUNT = 3
/** How long a caller who left counts, ms. If no call was returned by our order since, the caller counts longer. */
const WINDOW_MS = 600_000
/** Most callers in memory; older ones are dropped. Without a bound, memory would grow while no call gets through. */
const MOST_REMEMBERED = 1_000
/** A caller who left counts only after this delay, ms, because the keeper reports a rescue shortly after the caller has left. */
const SETTLE_MS = 5_000

/**
 * Counts callers who left the question without our order: another program, such as a leftover keeper, transferred them.
 */
export class CallsTaken {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** When each of these callers left, monotonic, ms. */
  readonly #left = new Map<CallId, number>()
  /** When our keeper rescued each of these calls, monotonic, ms. */
  readonly #rescued = new Map<CallId, number>()
  /** When the last call was returned to the dialplan by our order, monotonic, ms. */
  #releasedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
  }

  /** Takes every event that enters the journal. */
  observe({ type, call, data }: CallEvent): void {
    if (!call) return
    const now = this.#clock.elapsed()
    if (type === 'call.rescued') {
      this.#rescued.set(call, now)
      this.#left.delete(call)
    } else if (type === 'call.released') {
      if (data.reason !== 'left') this.#releasedAt = now
      else if (!this.#rescued.has(call)) this.#note(call, now)
    }
  }

  #note(call: CallId, at: number): void {
    this.#left.set(call, at)
    const [oldest] = this.#left.keys()
    if (this.#left.size > MOST_REMEMBERED && oldest !== undefined) this.#left.delete(oldest)
  }

  /** Number of callers in memory. */
  get remembered(): number {
    return this.#left.size
  }

  /** @returns the trouble if enough callers left without our order; else empty */
  troubles(): Trouble[] {
    const now = this.#clock.elapsed()
    for (const [call, at] of this.#rescued) if (now - at > WINDOW_MS) this.#rescued.delete(call)
    for (const [call, at] of this.#left)
      if (now - at > WINDOW_MS && this.#releasedAt > at) this.#left.delete(call)
    const counted = [...this.#left.values()].filter(at => now - at >= SETTLE_MS).length
    if (counted < ALARM_COUNT) return []
    const detail = 'callers leave the question without our order: something else sends them on, unrecorded'
    return [{ alarm: 'calls-taken', detail }]
  }
}
