import type { Leg } from '../core/audio.js'
import { type OmittedBy, omittedLegs } from '../core/party-events.js'
import type { AudioGate } from './audio-gate.js'
import type { Recording } from './recording.js'
import { Redaction } from './redaction.js'

/** Leaves audio out of one recording, and has the recording journal it. */
export class RecordingPauses {
  readonly redaction: Redaction
  /** When the last pause of an earlier service began, ms since the epoch. */
  #earlierPause = Number.NEGATIVE_INFINITY

  /**
   * @param from a moment before the first audio, ms since the epoch; undefined for a recovered tap
   * @param positionsAt position of a moment on each leg, samples, as if neither side was silent since the last block
   */
  constructor(
    private readonly recording: Recording,
    from: number | undefined,
    private readonly positionsAt: (at: number, redaction: Redaction) => Record<Leg, number>,
  ) {
    this.redaction = new Redaction(from)
  }

  /** When the current pause began, ms since the epoch; undefined without one. */
  get since(): number | undefined {
    return this.redaction.pausedSince
  }

  /** Why something is left out now; undefined if nothing is. */
  get by(): OmittedBy | undefined {
    return this.redaction.pausedBy
  }

  /**
   * Leaves out audio, of both sides or of one, from `at` (ms since the epoch) on. Resolves once the journal has stored
   * or lost the event.
   */
  async pause(at: number, by: OmittedBy): Promise<void> {
    if (this.since !== undefined) return
    this.redaction.pause(at, by)
    await this.#notePaused(at, by)
  }

  /** Applies a pause of an earlier service. Without `until`, the pause lasts. */
  recover(since: number, by: OmittedBy, until?: number): void {
    this.redaction.pause(since, by)
    this.#earlierPause = Math.max(this.#earlierPause, since)
    // The cause of the pause's end is unknown here, so the longer margin is cut.
    if (until !== undefined) this.redaction.resume(until, 'timeout')
  }

  /**
   * Applies and journals a pause that lasts, if the earlier service was killed after it had journalled it of another
   * recording of the call only. A pause that this recording already had is not applied again: it has ended here.
   */
  recoverUnnoted(since: number, by: OmittedBy): void {
    if (this.since !== undefined || since <= this.#earlierPause) return
    this.recover(since, by)
    void this.#notePaused(since, by)
  }

  /** @returns whether there was a pause */
  resume(at: number, by: OmittedBy | 'timeout'): boolean {
    if (this.since === undefined) return false
    this.redaction.resume(at, by)
    this.recording.noteResumed(by, at, this.positionsAt(at, this.redaction))
    return true
  }

  /** Leaves out the audio that a gate holds and all later audio, until `resume`. @param at now, ms since the epoch */
  leaveOutHeld(gate: AudioGate, at: number, by: OmittedBy): void {
    const since = Math.min(gate.since ?? at, at)
    // The earlier service knew the participants when it paused. Held audio from before that is left out too.
    const known = Math.max(since, this.#earlierPause)
    if (omittedLegs(by).every(leg => this.redaction.omitsSince(known, leg))) {
      this.redaction.leaveOut(since, known, by)
      return
    }
    const { by: present, since: began = since } = this
    const leavesOutLess = present === 'own-side' && by !== 'own-side'
    // The present pause covers only a part of the held audio. The caller of this method begins it again if it is still
    // wanted.
    if (present) this.resume(leavesOutLess ? Math.max(began, since) : at, present)
    void this.pause(since, by)
  }

  async #notePaused(at: number, by: OmittedBy): Promise<void> {
    await this.recording.notePaused(by, at, this.positionsAt(at, this.redaction))
  }
}
