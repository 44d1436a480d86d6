import type { Clock } from './clock.js'

/**
 * Waits for `work`, for at most `ms`. Work that is late goes on; it must itself undo what nobody waits for.
 *
 * @param makeError makes the error for work that takes longer
 * @returns the result of `work`
 * @throws what `work` throws, or the error of `late`
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

/** Resolves once `work` has ended, in whatever way, or after `ms`. */
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
