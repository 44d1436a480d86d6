import { systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { withDeadline } from '../../lib/deadline.js'

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
    const answered = new Promise<T>((resolve, reject) => {
      this.#pending.set(request, {
        resolve: pair => resolve(onPair(pair)),
        reject: reason => reject(noTap(reason)),
      })
      send(request)
    })
    const late = () => {
      // A pair that arrives later finds no request: `resolve` returns false, and the pair is returned to the keeper.
      this.#pending.delete(request)
      return noTap('the keeper does not answer')
    }
    return withDeadline(answered, { clock: systemClock, ms: TIMEOUT, error: late })
  }

  /** @returns false if the request has been given up */
  resolve(request: number, pair: OpenedPair): boolean {
    const pending = this.#take(request)
    pending?.resolve(pair)
    return pending !== undefined
  }

  reject(request: number, reason: string): void {
    this.#take(request)?.reject(reason)
  }

  rejectAll(reason: string): void {
    for (const request of [...this.#pending.keys()]) this.reject(request, reason)
  }

  #take(request: number): PendingRequest | undefined {
    const pending = this.#pending.get(request)
    this.#pending.delete(request)
    return pending
  }
}

export const noTap = (reason: string): AppError =>
  new AppError('tap.unavailable', `no tap: ${reason}`, { retryable: true })
