import type { Clock } from './clock.js'

/** Resolves once `work` has ended, in whatever way, or after `ms`. */
export function atMost(clock: Pick<Clock, 'after'>, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const cancel = clock.after(ms, resolve)
    const over = () => {
      cancel()
      resolve()
    }
    work.then(over, over)
  })
}
