import { AppError } from '../shared/errors.js'

/** How long a keeper may take to answer, ms. A pair from its pool takes about one, and a caller waits for it. */
const TIMEOUT = 1_000

export interface Taken {
  pair: number
  prefix: string
}

interface Waiting {
  done(taken: Taken): void
  failed(reason: string): void
}

/** Questions to the keeper that wait for their answer. */
export class Requests {
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  /**
   * @param send gets the number under which the answer will come
   * @param use is called at the very moment of the answer, before anything that the keeper says after it
   * @throws AppError `tap.unavailable`
   */
  ask<T>(send: (request: number) => void, use: (taken: Taken) => T): Promise<T> {
    const request = ++this.#last
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(request)
        finish()
      }
      const failed = (reason: string): void =>
        settle(() => reject(new AppError('tap.unavailable', `no tap: ${reason}`, { retryable: true })))
      const timer = setTimeout(() => failed('the keeper does not answer'), TIMEOUT)
      this.#waiting.set(request, { done: taken => settle(() => resolve(use(taken))), failed })
      send(request)
    })
  }

  /** False: nobody waits for it any more. */
  taken(request: number, taken: Taken): boolean {
    const waiting = this.#waiting.get(request)
    waiting?.done(taken)
    return waiting !== undefined
  }

  refused(request: number, reason: string): void {
    this.#waiting.get(request)?.failed(reason)
  }

  failAll(reason: string): void {
    for (const waiting of [...this.#waiting.values()]) waiting.failed(reason)
  }
}
