import type { Trouble } from '../../shared/alarms.js'
import type { Clock } from '../../shared/clock.js'
import type { CallEvent } from '../../shared/events.js'
import type { CallId } from '../../shared/ids.js'

/** So many callers that left the question without our order are no accident, such as a colleague who transferred one. */
const MANY = 3
/** A leaving counts for so long, ms, and longer while no other call gets through. */
const WINDOW_MS = 600_000
/** So many of them are remembered, the latest: more tell no more, and if none gets through there is no end of them. */
const MOST = 1_000
/** Our own keeper tells of its rescues a moment after the callers have left, ms. */
const SETTLE_MS = 5_000

/** Callers who left the question without an order of ours: somebody else sends them on, such as a keeper that was left over. */
export class CallsTaken {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** When each of them left, ms. */
  readonly #left = new Map<CallId, number>()
  /** Whom our own keeper sent on, and when, ms. */
  readonly #rescued = new Map<CallId, number>()
  /** When the last call got through by our order, ms. */
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
