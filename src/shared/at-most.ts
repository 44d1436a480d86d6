import type { Clock } from './clock.js'

/**
 * Waits for `work`, for at most `ms` milliseconds. Late work is not stopped; it must undo its own effects if nobody needs them.
 *
 * @param makeError makes the error that is thrown after `ms`
 * @returns the result of `work`
 * @throws what `work` throws, or the error of `makeError`
 */
export function inTime<T>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: Promise<T>,
  makeError: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(makeError()))
    work.finally(cancel).then(resolve, reject)
  })
}

/** Resolves when `work` has resolved or rejected, or after `ms` milliseconds. */
export function atMost(clock: Pick<Clock, 'after'>, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const cancel = clock.after(ms, resolve)
    const finish = () => {
      cancel()
      resolve()
    }
    work.then(finish, finish)
  })
}
