import { whenThreadIsFree } from './free-thread.js'

/** How often a service that does not serve yet looks whether a ping can be answered now, ms. Short, because its callers wait. */
const LOOK_INTERVAL = 50

/**
 * Answers the keeper's pings. Each answer shows that a file operation ended and that the service serves its callers. The answer to a ping
 * that comes before that is sent as soon as it does.
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
