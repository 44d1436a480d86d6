import type { Clock } from '../shared/clock.js'
import type { CallChannel, Recorder } from './ports.js'

/** How long the dialplan may take from a call's release until it has started the tap, ms; usually some 10. */
const START_MS = 2_000
/** How many looks must find a tap not started: the end of a call may be heard a moment late. */
const LOOKS = 2
/**
 * How long a tap that was not started counts, ms. Only a call that is tapped shows that Asterisk reaches the pipes again. Whoever
 * gives calls only to a service that is ready gives it none meanwhile, so this must end without one.
 */
const COUNTS_MS = 10 * 60_000

/** Watches whether the dialplan starts the taps that it is given. It does not if Asterisk cannot reach the pipes. */
export class TapStarts {
  readonly #clock: Pick<Clock, 'after' | 'elapsed'>
  readonly #recorder: Pick<Recorder, 'isUnused'>
  /** When a tap was found not started, by `elapsed`; undefined once a later one was started. */
  #refusedAt: number | undefined

  constructor(clock: Pick<Clock, 'after' | 'elapsed'>, recorder: Pick<Recorder, 'isUnused'>) {
    this.#clock = clock
    this.#recorder = recorder
  }

  /** The dialplan did not start the last tap, though its pipes are where they should be, and that was not long ago. */
  get refused(): boolean {
    return this.#refusedAt !== undefined && this.#clock.elapsed() - this.#refusedAt < COUNTS_MS
  }

  /**
   * Looks whether the dialplan has started a tap, 2 s after the call's release and then again.
   *
   * @param tap path prefix
   * @param stays whether the call is still where it was released to
   * @param looks how many looks are left
   */
  watch(channel: Pick<CallChannel, 'startedTap'>, tap: string, stays: () => boolean, looks = LOOKS): void {
    this.#clock.after(START_MS, async () => {
      if (!stays()) return
      const started = await channel.startedTap(tap)
      if (started) this.#refusedAt = undefined
      else if (looks > 1) this.watch(channel, tap, stays, looks - 1)
      else if ((await this.#recorder.isUnused(tap)) && stays()) this.#refusedAt = this.#clock.elapsed()
    })
  }
}
