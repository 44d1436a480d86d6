import { AppError } from '../shared/errors.js'

/** Longest time until the keeper answers, ms. A pair from its pool takes about 1 ms, and a caller waits for it. */
const TIMEOUT = 1_000

export interface OpenedPair {
  pair: number
  prefix: string
}

interface PendingRequest {
  resolve(pair: OpenedPair): void
  reject(reason: string): void
}

/** The requests for a pair of pipes that the keeper has not answered yet. */
export class KeeperRequests {
  readonly #pending = new Map<number, PendingRequest>()
  #lastNumber = 0

  /**
   * Sends a request and waits for the pair.
   *
   * @param send sends the request; the answer will have the same number
   * @param onPair is called before the next message of the keeper is read
   * @returns the result of `onPair`
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

  /** @returns false if the request has been given up */
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
