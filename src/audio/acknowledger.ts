import type { Leg } from '../core/audio.js'
import { backgroundTimers, type Clock } from '../core/clock.js'
import type { Recording } from './recording.js'

/**
 * Time until lost events are noted again so that audio can be acknowledged, ms. The keeper holds 30 s. The call may
 * bring no further audio that would do it.
 */
const RETRY_MS = 5_000

type StoredAudio = Pick<Recording, 'written' | 'durablyJournalled'>

/**
 * Acknowledges the audio of one tap once each of its recordings has stored it durably or has failed, and the journal
 * durably knows which.
 */
export class Acknowledger {
  readonly #recordings: readonly StoredAudio[]
  readonly #acknowledge: (leg: Leg, end: number) => void
  readonly #timers: Pick<Clock, 'after'>
  /**
   * Audio before these samples is written but not acknowledged, because the journal has lost an event that must be
   * durable first.
   */
  readonly #unacknowledged = new Map<Leg, number>()
  #cancelRetry: (() => void) | undefined
  #closed = false

  /**
   * @param acknowledge called with a leg and the sample up to which its audio need not be sent again
   */
  constructor(
    recordings: readonly StoredAudio[],
    acknowledge: (leg: Leg, end: number) => void,
    timers: Pick<Clock, 'after'> = backgroundTimers,
  ) {
    this.#recordings = recordings
    this.#acknowledge = acknowledge
    this.#timers = timers
  }

  /**
   * Acknowledges a leg up to `end` after all writes so far. That includes audio that was cut whole, which is not
   * written. Resolves once the writes have ended.
   */
  async settle(leg: Leg, end: number): Promise<void> {
    await Promise.all(this.#recordings.map(({ written }) => written))
    void this.#settleWritten(leg, end)
  }

  /** The service stops. Audio that is not acknowledged by then is sent again, to the next service. */
  close(): void {
    this.#closed = true
    this.#cancelRetry?.()
  }

  async #settleWritten(leg: Leg, end: number): Promise<void> {
    try {
      await Promise.all(this.#recordings.map(recording => recording.durablyJournalled()))
    } catch {
      this.#unacknowledged.set(leg, Math.max(end, this.#unacknowledged.get(leg) ?? 0))
      if (!this.#closed) this.#cancelRetry ??= this.#timers.after(RETRY_MS, () => this.#retry())
      return
    }
    this.#acknowledge(leg, end)
  }

  #retry(): void {
    this.#cancelRetry = undefined
    const unacknowledged = [...this.#unacknowledged]
    this.#unacknowledged.clear()
    for (const [leg, end] of unacknowledged) void this.#settleWritten(leg, end)
  }
}
