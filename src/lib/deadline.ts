import type { Clock } from '../core/clock.js'

/** What `withDeadline` needs to know. */
export interface Deadline<T> {
  clock: Pick<Clock, 'after'>
  /** Longest wait, ms. */
  ms: number
  /** The wait begins when this signal is aborted. Without it, the wait begins at once. */
  from?: AbortSignal | undefined
  /** Called once, at the deadline. @returns the error to throw */
  error(): Error
  /** Receives a result that comes after the deadline, to undo its effect. Must not throw. A late failure is dropped. */
  onLate?(result: T): void
}

/**
 * Waits for `work`, for a limited time. Late work is not stopped. If its success would leave something behind, `onLate` undoes it.
 *
 * @returns the result of `work`
 * @throws what `work` throws; after the deadline the error of `Deadline.error`
 */
export function withDeadline<T>(
  work: Promise<T>,
  { clock, ms, from, error, onLate }: Deadline<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false
    let cancel = () => {}
    const start = () => {
      cancel = clock.after(ms, () => {
        late = true
        reject(error())
      })
    }
    const stop = () => {
      from?.removeEventListener('abort', start)
      cancel()
    }
    if (from && !from.aborted) from.addEventListener('abort', start, { once: true })
    else start()
    work.then(
      result => {
        stop()
        if (late) onLate?.(result)
        else resolve(result)
      },
      failure => {
        stop()
        reject(failure)
      },
    )
  })
}

/**
 * Waits until `work` has ended, in success or in failure, or until the time is over. Late work is not stopped. Never rejects.
 *
 * @param ms longest wait, ms
 * @returns whether `work` ended in time
 */
export function waitAtMost(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: Promise<unknown>,
): Promise<boolean> {
  return new Promise(resolve => {
    const cancel = clock.after(ms, () => resolve(false))
    const finish = () => {
      cancel()
      resolve(true)
    }
    work.then(finish, finish)
  })
}
