import { LEGS, type Leg } from '../core/audio.js'
import type { Clock } from '../core/clock.js'
import type { OmittedBy } from '../core/party-events.js'
import type { Purpose } from '../core/policy.js'
import { AudioGate } from './audio-gate.js'
import type { Recording } from './recording.js'
import { RecordingPauses } from './recording-pauses.js'
import type { Moment, Redaction } from './redaction.js'
import type { TapActivity } from './tap-activity.js'

interface TapPausesStart {
  recordings: readonly Recording[]
  activity: Pick<TapActivity, 'restartSilence'>
  clock: Pick<Clock, 'now'>
  /** Position after the last sample of each leg that has passed the gate. */
  ends: Readonly<Record<Leg, number>>
  /** Whether an earlier service began the tap. */
  recovered: boolean
  /** As `RecorderDeps.caughtUp`. */
  caughtUp?: (() => Promise<void>) | undefined
}

/**
 * The pauses of each recording of one tap, and the gate that holds its audio back until it is known what to leave out.
 */
export class TapPauses {
  readonly #deps: TapPausesStart
  readonly gate: AudioGate
  readonly #of: ReadonlyMap<Recording, RecordingPauses>

  constructor(deps: TapPausesStart) {
    const { recordings, recovered, clock } = deps
    this.#deps = deps
    const from = recovered ? undefined : clock.now()
    const positionsAt = (at: number, redaction: Redaction) => this.#positionsAt(at, redaction)
    this.#of = new Map(recordings.map(one => [one, new RecordingPauses(one, from, positionsAt)]))
    this.gate = new AudioGate(() => {
      this.leaveOutHeld(clock.now(), 'party')
      this.gate.release()
    }, deps.caughtUp)
  }

  /** The pauses of one recording of the tap. */
  of(recording: Recording): RecordingPauses {
    return this.#of.get(recording)!
  }

  /** @param purposes of the recordings; undefined for all */
  #ofPurposes(purposes?: readonly Purpose[]): RecordingPauses[] {
    return [...this.#of].flatMap(([{ purpose }, pauses]) =>
      !purposes || purposes.includes(purpose) ? pauses : [],
    )
  }

  /** Sets a later moment before the first audio, ms since the epoch. Has no effect after the first block. */
  startsAt(at: number): void {
    for (const { redaction } of this.#of.values()) redaction.startsAt(at)
  }

  /** The tap had ended, and began again at this moment. */
  tapBeganAgain(moment: Moment): void {
    this.gate.inOrder(() => {
      for (const { redaction } of this.#of.values()) redaction.beganAgain(moment)
    })
  }

  /** Cuts all audio after this moment, ms since the epoch. */
  keepNothingAfter(at: number): void {
    for (const { redaction } of this.#of.values()) redaction.keepNothingAfter(at)
  }

  /** @returns whether both legs have received audio up to this moment */
  hasPassed(at: number): boolean {
    return [...this.#of.values()].every(({ redaction }) => redaction.hasPassed(at))
  }

  /**
   * Leaves out audio, of both sides or of one, from `at` (ms since the epoch) on. Resolves once the journal has stored
   * or lost the event.
   */
  async pause(at: number, by: OmittedBy, purposes?: readonly Purpose[]): Promise<void> {
    await Promise.all(this.#ofPurposes(purposes).map(pauses => pauses.pause(at, by)))
  }

  resume(at: number, by: OmittedBy | 'timeout', purposes?: readonly Purpose[]): void {
    const ended = this.#ofPurposes(purposes).filter(pauses => pauses.resume(at, by))
    if (ended.length > 0) this.#deps.activity.restartSilence()
  }

  /**
   * Leaves out held audio and all later audio, until `resume`. Does nothing if none is held. @param at now, ms since
   * the epoch
   */
  leaveOutHeld(at: number, by: OmittedBy, purposes?: readonly Purpose[]): void {
    if (!this.gate.holds) return
    for (const pauses of this.#ofPurposes(purposes)) pauses.leaveOutHeld(this.gate, at, by)
  }

  /** Position of a moment on each leg, samples, as if neither side was silent since the last block. */
  #positionsAt(at: number, redaction: Redaction): Record<Leg, number> {
    const reckon = (leg: Leg) =>
      this.gate.positionAt(leg, at) ?? redaction.estimatePosition(leg, this.#deps.ends[leg], at)
    const [caller, agent] = LEGS.map(reckon) as [number, number]
    return { caller, agent }
  }
}
