import { type Clock, systemClock } from '../../core/clock.js'
import { withDeadline } from '../deadline.js'
import type { Log } from '../log.js'
import { endProcess } from './end-process.js'
import { endOnFault } from './faults.js'

/** How long one part may take to end, ms. A hanging part must not keep later parts from writing what they hold. */
const ENDING_MS = 8_000
/**
 * How long the process may outlive its parts, ms: connections close within milliseconds, on a busy machine within seconds. Work that still
 * runs then is no longer needed.
 */
const LINGER_MS = 5_000

/** The running parts of a process. They end one by one, in the reverse of the order in which they were added. */
export class Parts {
  readonly #log: Log
  readonly #clock: Pick<Clock, 'after'>
  readonly #endings: { name: string; end: () => unknown }[] = []

  constructor(log: Log, clock: Pick<Clock, 'after'> = systemClock) {
    this.#log = log
    this.#clock = clock
  }

  /**
   * Adds a part that runs.
   *
   * @param name names the part in the log
   * @param end ends the part; by default its method `stop`. It may take 8 s.
   * @returns the part
   */
  add<Part extends { stop(): unknown }>(name: string, part: Part): Part
  add<Part>(name: string, part: Part, end: (part: Part) => unknown): Part
  add<Part>(name: string, part: Part, end?: (part: Part) => unknown): Part {
    const stop = end ?? (() => (part as { stop(): unknown }).stop())
    this.#endings.push({ name, end: () => stop(part) })
    return part
  }

  /**
   * Ends all parts. A part that fails, or does not end in time, does not keep the others from ending.
   *
   * @returns whether each part ended without a failure and in time
   */
  async end(): Promise<boolean> {
    let whole = true
    for (let part = this.#endings.pop(); part; part = this.#endings.pop())
      whole = (await this.#endOne(part.name, part.end)) && whole
    return whole
  }

  async #endOne(name: string, end: () => unknown): Promise<boolean> {
    const ending = (async () => void (await end()))()
    const error = () => new Error(`it did not end within ${ENDING_MS / 1000} s`)
    try {
      await withDeadline(ending, { clock: this.#clock, ms: ENDING_MS, error })
      return true
    } catch (failure) {
      this.#log.error({ part: name, reason: (failure as Error).message }, 'a part did not end in good order')
      return false
    }
  }
}

/**
 * Runs `run`, then ends the parts that it added, and a moment later this process. An uncaught error meanwhile ends it
 * as a signal does.
 *
 * @throws what `run` throws, after the parts have ended
 */
export async function runParts(log: Log, run: (parts: Parts) => Promise<void>): Promise<void> {
  const parts = new Parts(log)
  endOnFault(log)
  try {
    await run(parts)
  } finally {
    const whole = await parts.end()
    log.info({ whole }, 'stopped')
    // A part that has not ended, or a connection in use, would keep the process alive, and the next service would wait.
    if (!whole) endProcess(1)
    setTimeout(() => endProcess(1), LINGER_MS).unref()
  }
}
