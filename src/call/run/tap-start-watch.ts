import type { Clock } from '../../core/clock.js'
import type { CallChannel, Recorder } from '../ports.js'

/** How long the dialplan may take to start the tap after the channel returned, ms. It usually takes about 10 ms. */
const CHECK_AFTER_MS = 2_000
/** How many checks must find the tap not started. One is not enough, because the end of a call may be reported late. */
const CHECKS = 2
/**
 * How long a tap that did not start is remembered, ms. Meanwhile the service is not ready, so a load balancer may send
 * it no calls. Only another recorded call could show that Asterisk reaches the pipes again, so the memory must end by
 * time.
 */
const REMEMBERED_MS = 10 * 60_000

/** Watches whether the dialplan starts its taps. It cannot if Asterisk does not reach the pipes. */
export class TapStartWatch {
  readonly #clock: Pick<Clock, 'after' | 'elapsed'>
  readonly #recorder: Pick<Recorder, 'isUnused'>
  /** When a tap was found not started, by the monotonic clock, ms; undefined once a later tap was started. */
  #notStartedAt: number | undefined

  constructor(clock: Pick<Clock, 'after' | 'elapsed'>, recorder: Pick<Recorder, 'isUnused'>) {
    this.#clock = clock
    this.#recorder = recorder
  }

  /** Whether the dialplan did not start the last tap although its pipes were in place, within the last ten minutes. */
  get lastNotStarted(): boolean {
    return this.#notStartedAt !== undefined && this.#clock.elapsed() - this.#notStartedAt < REMEMBERED_MS
  }

  /**
   * Checks whether the dialplan has started a tap, 2 s after the channel returned and again 2 s later.
   *
   * @param tap path prefix
   * @param stillInDialplan whether the call is still in the dialplan
   * @param checks number of checks left
   */
  watch(
    channel: Pick<CallChannel, 'startedTap'>,
    tap: string,
    stillInDialplan: () => boolean,
    checks = CHECKS,
  ): void {
    this.#clock.after(CHECK_AFTER_MS, async () => {
      if (!stillInDialplan()) return
      const started = await channel.startedTap(tap)
      if (started) this.#notStartedAt = undefined
      else if (checks > 1) this.watch(channel, tap, stillInDialplan, checks - 1)
      else if ((await this.#recorder.isUnused(tap)) && stillInDialplan())
        this.#notStartedAt = this.#clock.elapsed()
    })
  }
}
