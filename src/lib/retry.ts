import type { Clock } from '../core/clock.js'

/** How `retry` repeats. */
export interface Retry {
  clock: Pick<Clock, 'after'>
  /** Waits after the first failure, the second one and so on, ms. The last one repeats. */
  waitsMs: readonly [number, ...number[]]
  /** Returns true if no attempt may follow this failure. Without it, attempts continue until one succeeds. */
  giveUp?(error: unknown): boolean
  /** Called before each wait. @param failures number of failures so far, from 1 */
  onFailure?(error: unknown, failures: number): void
}

/** As `Retry`, until a signal is aborted. */
export interface AbortableRetry extends Retry {
  /** Ends the wait. No attempt follows. A running attempt is not stopped, and its result still counts. */
  signal: AbortSignal
}

/**
 * Repeats `attempt` until it succeeds.
 *
 * @returns the result of the successful attempt; undefined if `signal` was aborted before
 * @throws the failure for which `giveUp` returned true
 */
export function retry<T>(attempt: () => Promise<T>, options: AbortableRetry): Promise<T | undefined>
export function retry<T>(attempt: () => Promise<T>, options: Retry): Promise<T>
export async function retry<T>(
  attempt: () => Promise<T>,
  { clock, waitsMs, giveUp, onFailure, signal }: Retry & { signal?: AbortSignal },
): Promise<T | undefined> {
  for (let failures = 1; !signal?.aborted; failures += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (giveUp?.(error)) throw error
      if (signal?.aborted) break
      onFailure?.(error, failures)
      await sleep(clock, waitsMs[Math.min(failures, waitsMs.length) - 1]!, signal)
    }
  }
  return undefined
}

/** Waits `ms` milliseconds, or until `signal` is aborted. Never rejects. */
export function sleep(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const finish = () => {
      cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(ms, finish)
    signal?.addEventListener('abort', finish)
  })
}
