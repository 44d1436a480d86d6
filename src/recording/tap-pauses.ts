import { LEGS, type Leg } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'
import { type OmittedBy, omittedLegs } from '../shared/party-events.js'
import { AudioGate } from './audio-gate.js'
import type { Recording } from './recording.js'
import { type Moment, Redaction } from './redaction.js'
import type { TapActivity } from './tap-activity.js'

interface TapPausesStart {
  recordings: readonly Recording[]
  activity: Pick<TapActivity, 'restartSilence'>
  clock: Pick<Clock, 'now'>
  /** Position after the last sample of each leg that has passed the gate. */
  ends: Readonly<Record<Leg, number>>
  /** Whether an earlier service began the tap. */
  recovered: boolean
  /** Resolves when all is known that the PBX had reported before the call. */
  caughtUp?: (() => Promise<void>) | undefined
}

/** What is left out of the recordings of one tap, which journal it, and what is held back because that is not known yet. */
export class TapPauses {
  readonly #deps: TapPausesStart
  readonly gate: AudioGate
  readonly redaction: Redaction
  /** When the last pause of an earlier service began, ms since the epoch. */
  #earlierPause = Number.NEGATIVE_INFINITY

  constructor(deps: TapPausesStart) {
    const { recovered, clock } = deps
    this.#deps = deps
    this.redaction = new Redaction(recovered ? undefined : clock.now())
    this.gate = new AudioGate(() => {
      this.leaveOutHeld(clock.now(), 'party')
      this.gate.release()
    }, deps.caughtUp)
  }

  /** When the current pause began, ms since the epoch; undefined without one. */
  get since(): number | undefined {
    return this.redaction.pausedSince
  }

  /** Why something is left out now; undefined if nothing is. */
  get by(): OmittedBy | undefined {
    return this.redaction.pausedBy
  }

  /** The tap had ended, and began again at this moment. */
  tapBeganAgain(moment: Moment): void {
    this.gate.inOrder(() => this.redaction.beganAgain(moment))
  }

  /** Keeps no audio, or not that of one side, from `at` (ms since the epoch) on. Resolves once that is journalled durably. */
  async pause(at: number, by: OmittedBy): Promise<void> {
    if (this.since !== undefined) return
    this.redaction.pause(at, by)
    await this.#notePaused(at, by)
  }

  /** Applies a pause of an earlier service. Without `until`, the pause lasts. */
  recover(since: number, by: OmittedBy, until?: number): void {
    this.redaction.pause(since, by)
    this.#earlierPause = Math.max(this.#earlierPause, since)
    // Who ended it is not known here, so the longer margin is left out.
    if (until !== undefined) this.redaction.resume(until, 'timeout')
  }

  /**
   * Applies and journals a pause that lasts, if the earlier service was killed when the journal had it of another tap of the call alone. A pause
   * that this tap has had is left as it is: it has ended here.
   */
  recoverUnnoted(since: number, by: OmittedBy): void {
    if (this.since !== undefined || since <= this.#earlierPause) return
    this.recover(since, by)
    void this.#notePaused(since, by)
  }

  resume(at: number, by: OmittedBy | 'timeout'): void {
    if (this.since === undefined) return
    this.redaction.resume(at, by)
    this.#deps.activity.restartSilence()
    const samples = this.#positionsAt(at)
    for (const recording of this.#deps.recordings) recording.noteResumed(by, at, samples)
  }

  /** Leaves out what is held, and what follows, until `resume`. Without anything held, it does nothing. @param at now, ms since the epoch */
  leaveOutHeld(at: number, by: OmittedBy): void {
    if (!this.gate.holds) return
    const since = Math.min(this.gate.since ?? at, at)
    // When the service before paused, it knew who was there. What is held of the time before that is left out all the same.
    const known = Math.max(since, this.#earlierPause)
    if (omittedLegs(by).every(leg => this.redaction.omitsSince(known, leg))) {
      this.redaction.leaveOut(since, known, by)
      return
    }
    const { by: present, since: began = since } = this
    const leavesOutLess = present === 'own-side' && by !== 'own-side'
    // A pause that began later hides only a part of it. The caller of this begins it again if it is still wanted.
    if (present) this.resume(leavesOutLess ? Math.max(began, since) : at, present)
    void this.pause(since, by)
  }

  async #notePaused(at: number, by: OmittedBy): Promise<void> {
    const samples = this.#positionsAt(at)
    await Promise.all(this.#deps.recordings.map(recording => recording.notePaused(by, at, samples)))
  }

  /** Position of a moment on each leg, samples, as if neither side was silent since the last block. */
  #positionsAt(at: number): Record<Leg, number> {
    const reckon = (leg: Leg) =>
      this.gate.positionAt(leg, at) ?? this.redaction.estimatePosition(leg, this.#deps.ends[leg], at)
    const [caller, agent] = LEGS.map(reckon) as [number, number]
    return { caller, agent }
  }
}
