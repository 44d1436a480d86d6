import type { Clock } from '../shared/clock.js'
import type { CallChannel, Recorder } from './ports.js'

/** How long the dialplan may take from a call's release until it has started the tap, ms; usually some 10. */
const CHECK_AFTER_MS = 2_000
/** How many looks must find a tap not started: the end of a call may be heard a moment late. */
const CHECKS = 2
/**
 * How long a tap that was not started counts, ms. Only a call that is tapped shows that Asterisk reaches the pipes again. Whoever
 * gives calls only to a service that is ready gives it none meanwhile, so this must end without one.
 */
const REMEMBERED_MS = 10 * 60_000

/** Watches whether the dialplan starts the taps that it is given. It does not if Asterisk cannot reach the pipes. */
export class TapStartWatch {
  readonly #clock: Pick<Clock, 'after' | 'elapsed'>
  readonly #recorder: Pick<Recorder, 'isUnused'>
  /** When a tap was found not started, by `elapsed`; undefined once a later one was started. */
  #notStartedAt: number | undefined

  constructor(clock: Pick<Clock, 'after' | 'elapsed'>, recorder: Pick<Recorder, 'isUnused'>) {
    this.#clock = clock
    this.#recorder = recorder
  }

  /** The dialplan did not start the last tap, though its pipes are where they should be, and that was not long ago. */
  get lastNotStarted(): boolean {
    return this.#notStartedAt !== undefined && this.#clock.elapsed() - this.#notStartedAt < REMEMBERED_MS
  }

  /**
   * Looks whether the dialplan has started a tap, 2 s after the call's release and then again.
   *
   * @param tap path prefix
   * @param stillInDialplan whether the call is still where it was released to
   * @param checks how many looks are left
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
