import type { Clock } from '../core/clock.js'

/** How long a check of an engine may take, ms. A question waits for it. */
export const CHECK_MS = 800
/** The sound for a check: 100 ms of silence. */
export const SILENCE = new Int16Array(800)
/** How long the result of a check holds, ms: of one that succeeded, and of one that failed. */
const [GOOD_MS, BAD_MS] = [5_000, 1_000]

/** A check of an engine. Its result holds for some seconds, so that most questions need not wait for it. */
export class KeptCheck {
  readonly #attempt: () => Promise<void>
  readonly #clock: Pick<Clock, 'elapsed'>
  #last: { result: Promise<void>; until: number } | undefined

  /** @param attempt rejects if the engine cannot hear now; ends within `CHECK_MS` */
  constructor(attempt: () => Promise<void>, clock: Pick<Clock, 'elapsed'>) {
    this.#attempt = attempt
    this.#clock = clock
  }

  /** Checks, unless the last result still holds. @throws the error of the check */
  run(): Promise<void> {
    if (this.#last && this.#clock.elapsed() < this.#last.until) return this.#last.result
    const check = { result: this.#attempt(), until: Number.POSITIVE_INFINITY }
    this.#last = check
    const holds = (ms: number) => () => {
      check.until = this.#clock.elapsed() + ms
    }
    check.result.then(holds(GOOD_MS), holds(BAD_MS))
    return check.result
  }
}
