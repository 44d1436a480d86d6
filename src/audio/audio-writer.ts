import type { AudioBlock, Leg } from '../core/audio.js'
import { backgroundTimers, type Clock } from '../core/clock.js'
import type { Recording } from './recording.js'
import type { TapActivity } from './tap-activity.js'

/**
 * Time until lost events are noted again so that audio can be settled, ms. The keeper holds 30 s. The call may bring no
 * further audio that would do it.
 */
const RETRY_MS = 5_000

/**
 * Writes the audio of one call to all its recordings. It reports audio as settled once each recording has stored it
 * durably or has failed, and the journal durably knows which.
 */
export class AudioWriter {
  readonly #recordings: readonly Recording[]
  readonly #activity: Pick<TapActivity, 'blockWritten'>
  readonly #onSettled: (leg: Leg, end: number) => void
  readonly #timers: Pick<Clock, 'after'>
  readonly #writing = new Map<Recording, Promise<void>>()
  /**
   * Audio before these samples is written but not settled, because the journal has lost an event that must be durable
   * first.
   */
  readonly #unsettled = new Map<Leg, number>()
  #cancelRetry: (() => void) | undefined
  #closed = false

  /**
   * @param onSettled called with a leg and the sample up to which its audio need not be sent again
   */
  constructor(
    recordings: readonly Recording[],
    activity: Pick<TapActivity, 'blockWritten'>,
    onSettled: (leg: Leg, end: number) => void,
    timers: Pick<Clock, 'after'> = backgroundTimers,
  ) {
    this.#timers = timers
    this.#recordings = recordings
    this.#activity = activity
    this.#onSettled = onSettled
  }

  /** Resolves when every piece so far of one recording is durable, or it has failed. */
  writtenTo(recording: Recording): Promise<void> {
    return this.#writing.get(recording) ?? Promise.resolve()
  }

  /** @param pieces what this recording keeps */
  write(recording: Recording, pieces: readonly AudioBlock[]): void {
    const writes = pieces.map(piece => recording.write(piece))
    // Without `then`, each result would contain the results of all writes before it.
    const writing = Promise.all([this.writtenTo(recording), ...writes]).then(() => undefined)
    this.#writing.set(recording, writing)
  }

  /**
   * Ends each recording once its own audio is durable, or it has failed. So a store that hangs delays no recording in
   * another one.
   */
  async endEach(end: (recording: Recording) => Promise<void>): Promise<void> {
    const endOne = async (recording: Recording) => {
      await this.writtenTo(recording)
      await end(recording)
    }
    await Promise.all(this.#recordings.map(endOne))
  }

  /**
   * Settles a leg up to `end` after all writes so far. It also settles audio that was cut whole, which is not written.
   */
  settle(leg: Leg, end: number): void {
    const writing = this.#recordings.map(recording => this.writtenTo(recording))
    void Promise.all(writing).then(() => {
      this.#activity.blockWritten()
      return this.#settleWritten(leg, end)
    })
  }

  /** Ends the parts because the service stops. Audio that is not settled by then is sent again, to the next service. */
  suspend(): Promise<void> {
    this.#closed = true
    this.#cancelRetry?.()
    return this.endEach(recording => recording.suspend())
  }

  async #settleWritten(leg: Leg, end: number): Promise<void> {
    try {
      await Promise.all(this.#recordings.map(recording => recording.durablyJournalled()))
    } catch {
      this.#unsettled.set(leg, Math.max(end, this.#unsettled.get(leg) ?? 0))
      if (!this.#closed) this.#cancelRetry ??= this.#timers.after(RETRY_MS, () => this.#retry())
      return
    }
    this.#onSettled(leg, end)
  }

  #retry(): void {
    this.#cancelRetry = undefined
    const unsettled = [...this.#unsettled]
    this.#unsettled.clear()
    for (const [leg, end] of unsettled) void this.#settleWritten(leg, end)
  }
}
