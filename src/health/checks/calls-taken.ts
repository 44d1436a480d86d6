import type { Trouble } from '../../shared/alarms.js'
import type { Clock } from '../../shared/clock.js'
import type { CallEvent } from '../../shared/events.js'
import type { CallId } from '../../shared/ids.js'

/**
 * So many callers who left the question without our order raise the alarm. One or two may have been transferred by a
 * colleague.
 */
const MANY = 3
/** A caller who left counts for so long, ms, and longer while no call has been released by our order since. */
const WINDOW_MS = 600_000
/** So many callers are remembered, the latest. While nobody gets through, their number grows without end, and more tell no more. */
const MOST = 1_000
/** A caller who left counts only after this, ms: our own keeper reports its rescues a moment after the callers have left. */
const SETTLE_MS = 5_000

/** Counts callers who left the question without our order. Something else sends them on, such as a leftover keeper. */
export class CallsTaken {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** When each of these callers left, monotonic, ms. */
  readonly #left = new Map<CallId, number>()
  /** The calls that our own keeper rescued, and when, monotonic, ms. */
  readonly #rescued = new Map<CallId, number>()
  /** When the last call was released by our order, monotonic, ms. */
  #throughAt = Number.NEGATIVE_INFINITY

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
  }

  /** Hears every event that enters the journal. */
  saw({ type, call, data }: CallEvent): void {
    if (!call) return
    const now = this.#clock.elapsed()
    if (type === 'call.rescued') {
      this.#rescued.set(call, now)
      this.#left.delete(call)
    } else if (type === 'call.released') {
      if (data.reason !== 'left') this.#throughAt = now
      else if (!this.#rescued.has(call)) this.#note(call, now)
    }
  }

  #note(call: CallId, at: number): void {
    this.#left.set(call, at)
    const [oldest] = this.#left.keys()
    if (this.#left.size > MOST && oldest !== undefined) this.#left.delete(oldest)
  }

  /** Callers that are remembered. */
  get remembered(): number {
    return this.#left.size
  }

  /** @returns the trouble, if enough callers were taken */
  troubles(): Trouble[] {
    const now = this.#clock.elapsed()
    for (const [call, at] of this.#rescued) if (now - at > WINDOW_MS) this.#rescued.delete(call)
    for (const [call, at] of this.#left)
      if (now - at > WINDOW_MS && this.#throughAt > at) this.#left.delete(call)
    const counted = [...this.#left.values()].filter(at => now - at >= SETTLE_MS).length
    if (counted < MANY) return []
    const detail = 'callers leave the question without our order: something else sends them on, unrecorded'
    return [{ alarm: 'calls-taken', detail }]
  }
}
