import type { Clock } from '../../core/clock.js'
import type { ClockAnchor } from './clock-anchor.js'
import { offMs } from './steady-clock.js'

/** Interval of reads of the anchor, ms. */
const READ_INTERVAL = 1_000

/**
 * The clock of a process beside the service. It ignores the same jump of the machine's clock as the service, so that
 * times in the journal are not days apart. It reads the service's anchor each second, and does not wait for the disk.
 */
export class AnchoredClock implements Clock {
  readonly #machine: Clock
  readonly #anchor: ClockAnchor
  #zero: number | undefined
  #stopped = false

  /** @param anchor of the service's data folder */
  constructor(machine: Clock, anchor: ClockAnchor) {
    this.#machine = machine
    this.#anchor = anchor
    this.#zero = anchor.read()
    this.#readRepeatedly()
  }

  now(): number {
    return this.#machine.now() - offMs(this.#machine, this.#zero)
  }

  elapsed(): number {
    return this.#machine.elapsed()
  }

  after(ms: number, fn: () => void): () => void {
    return this.#machine.after(ms, fn)
  }

  stop(): void {
    this.#stopped = true
  }

  #readRepeatedly(): void {
    this.#machine.after(READ_INTERVAL, async () => {
      if (this.#stopped) return
      this.#zero = await this.#anchor.readLater()
      this.#readRepeatedly()
    })
  }
}
