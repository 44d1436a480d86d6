import { whenThreadIsFree } from './free-thread.js'

/**
 * Interval of the checks whether the service serves its callers after an unanswered ping, ms. It is short, because
 * callers wait.
 */
const LOOK_INTERVAL = 50

/**
 * Answers the keeper's pings. An answer shows that a file operation has ended and that the service serves its callers.
 * If that is not so at the ping, the answer is sent as soon as it is.
 */
export class Pongs {
  readonly #answer: () => void
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** @param serves whether the service serves its callers */
  constructor(send: () => void, serves: () => boolean) {
    this.#answer = whenThreadIsFree(() => {
      if (serves()) send()
      else this.#lookAgain()
    })
  }

  /** A ping has come, or the keeper was greeted. */
  ping(): void {
    this.#answer()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #lookAgain(): void {
    clearTimeout(this.#timer)
    if (!this.#stopped) this.#timer = setTimeout(this.#answer, LOOK_INTERVAL)
  }
}
