import { AppError } from '../shared/errors.js'

/** How long a keeper may take to answer, ms. A pair from its pool takes about one, and a caller waits for it. */
const TIMEOUT = 1_000

export interface OpenedPair {
  pair: number
  prefix: string
}

interface PendingRequest {
  resolve(pair: OpenedPair): void
  reject(reason: string): void
}

/** Questions to the keeper that wait for their answer. */
export class KeeperRequests {
  readonly #pending = new Map<number, PendingRequest>()
  #lastNumber = 0

  /**
   * @param send gets the number under which the answer will come
   * @param onPair is called at the very moment of the answer, before anything that the keeper says after it
   * @throws AppError `tap.unavailable`
   */
  ask<T>(send: (request: number) => void, onPair: (pair: OpenedPair) => T): Promise<T> {
    const request = ++this.#lastNumber
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer)
        this.#pending.delete(request)
        finish()
      }
      const fail = (reason: string): void =>
        settle(() => reject(new AppError('tap.unavailable', `no tap: ${reason}`, { retryable: true })))
      const timer = setTimeout(() => fail('the keeper does not answer'), TIMEOUT)
      this.#pending.set(request, { resolve: pair => settle(() => resolve(onPair(pair))), reject: fail })
      send(request)
    })
  }

  /** False: nobody waits for it any more. */
  resolve(request: number, pair: OpenedPair): boolean {
    const pending = this.#pending.get(request)
    pending?.resolve(pair)
    return pending !== undefined
  }

  reject(request: number, reason: string): void {
    this.#pending.get(request)?.reject(reason)
  }

  rejectAll(reason: string): void {
    for (const pending of [...this.#pending.values()]) pending.reject(reason)
  }
}
