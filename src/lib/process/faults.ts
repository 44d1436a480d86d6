import { faultOf } from '../faults.js'
import type { Log } from '../log.js'
import { endProcess } from './end-process.js'

/** How long a process may take to end in good order after a fault, ms: as long as systemd gives it after SIGTERM (`TimeoutStopSec`). */
const ENDING_MS = 15_000
/**
 * Maximum number of logged faults. A fault that comes with each packet must not fill the disk before the process has
 * ended.
 */
const MOST_LOGGED = 20

let stop: (() => void) | undefined

/**
 * Ends this process with exit code 1 after an uncaught error, because its state is then unknown. If the process waits
 * for `stopSignal`, it ends in good order, in 15 s at most. Otherwise it ends at once.
 *
 * @param endingMs longest time to end in good order, ms
 */
export function endOnFault(log: Log, endingMs = ENDING_MS): void {
  let faults = 0
  // This event includes unhandled rejections.
  process.on('uncaughtException', error => {
    faults += 1
    if (faults <= MOST_LOGGED)
      log.fatal(faultOf(error), 'an error that nothing has caught: this process ends')
    if (faults > 1) return
    process.once('exit', () => {
      process.exitCode = 1
    })
    if (!stop) return endProcess(1)
    setTimeout(() => endProcess(1), endingMs).unref()
    stop()
  })
}

/** Resolves with the reason to stop this process: the first signal, or `fault`, see `endOnFault`. */
export const stopSignal = (): Promise<string> =>
  new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
    stop = () => resolve('fault')
  })
