import type { Trouble } from '../../../core/alarms.js'
import type { Clock } from '../../../core/clock.js'
import type { CallEvent } from '../../../core/events.js'
import { isUnexpected } from '../../../core/missing-audio.js'

/** How long an alarm stands after the last recording with its reason, ms. */
const WINDOW_MS = 600_000

/** Remembers recordings that ended empty or too short, without a reason that explains it. */
export class ShortRecordings {
  readonly #clock: Pick<Clock, 'elapsed'>
  /** End of the last recording with each reason, monotonic, ms. There are few reasons. */
  readonly #last = new Map<string, number>()

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock
  }

  /** Takes every event that enters the journal. */
  observe({ type, data }: CallEvent): void {
    if (type !== 'recording.finished' && type !== 'recording.empty') return
    const { missing } = data
    if (missing && isUnexpected(missing)) this.#last.set(missing.reason, this.#clock.elapsed())
  }

  /** Makes one alarm for each reason. */
  troubles(): Trouble[] {
    const now = this.#clock.elapsed()
    for (const [reason, at] of this.#last) if (now - at > WINDOW_MS) this.#last.delete(reason)
    return [...this.#last.keys()].map(reason => ({
      alarm: 'recording-short',
      check: reason,
      detail: `a call was agreed to, and its recording is empty or lacks more than a twentieth of the talk: ${reason}`,
    }))
  }
}
