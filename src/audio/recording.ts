import { type AudioBlock, type Leg, SAMPLE_RATE } from '../core/audio.js'
import { codeOf } from '../core/errors.js'
import { type CallEvent, event } from '../core/events.js'
import type { PartId, RecordingId } from '../core/ids.js'
import type { MissingAudio } from '../core/missing-audio.js'
import type { OmittedBy } from '../core/party-events.js'
import type { Log } from '../lib/log.js'
import type { KeyRef } from '../vault/keys/key-store.js'
import { DurableNotes, type PartDeps, type PartWriter } from './part-writer.js'

/** Longest time to commit the end of a withdrawn recording, ms. The act waits for it; no caller does. */
const JOURNAL_TIMEOUT = 10_000

/** Why a tap ended without audio: it was not used, or its pipes had disappeared. */
export type EmptyTapReason = 'unused' | 'tap-lost'

/** How a recording ended: `truncated` if audio is or may be missing at its end, with the reason if it is known. */
export interface Ending {
  state: 'finished' | 'truncated'
  reason?: 'tap-gone' | 'tap-stopped' | 'tap-late' | 'keeper-died' | 'pbx-lost'
}

interface RecordingStart {
  part: PartWriter
  /** Keys of the parts that earlier services made; empty for a new recording. */
  earlierKeys?: readonly KeyRef[]
  /** Up to where the audio in these parts is acknowledged, s since the tap began. */
  earlierSeconds?: number
  deps: PartDeps
  log: Log
}

/**
 * The recording of one call for one purpose, with the part that this service writes. A failure ends this recording
 * only. Only `durablyJournalled` rejects.
 */
export class Recording {
  readonly #part: PartWriter
  readonly #earlierKeys: readonly KeyRef[]
  readonly #earlierSeconds: number
  readonly #deps: PartDeps
  readonly #log: Log
  #running = true
  #written: Promise<void> = Promise.resolve()
  /** Events that must be durable before an acknowledgement. */
  readonly #notes: DurableNotes
  /** No acknowledgement waits for these: audio that is cut would be sent again, to a service that knows no pause. */
  readonly #pauseNotes: DurableNotes
  /** Resolves once a recording that fails has noted its end. */
  #abandoned: Promise<unknown> = Promise.resolve()

  constructor({ part, earlierKeys = [], earlierSeconds = 0, deps, log }: RecordingStart) {
    this.#part = part
    this.#earlierKeys = earlierKeys
    this.#earlierSeconds = earlierSeconds
    this.#deps = deps
    this.#log = log
    this.#notes = new DurableNotes(deps.journal)
    this.#pauseNotes = new DurableNotes(deps.journal)
  }

  get id(): RecordingId {
    return this.#part.info.recording
  }

  get purpose(): string {
    return this.#part.info.purpose
  }

  get partId(): PartId {
    return this.#part.id
  }

  get running(): boolean {
    return this.#running
  }

  /**
   * Resolves once the journal durably knows the container of every written block, every gap, and the recording's
   * failure if it failed. The keeper may then delete its copy of the audio. Lost events are noted again.
   *
   * @throws AppError `journal.unwritten` if one of them is lost
   */
  async durablyJournalled(): Promise<void> {
    this.#pauseNotes.noteLost()
    await this.#abandoned
    await Promise.all([this.#part.startDurable, this.#notes.durable()])
  }

  /** Resolves once every block so far is durable, or the recording has failed. */
  get written(): Promise<void> {
    return this.#written
  }

  /** Resolves once this block and all before it are durable, or the recording has failed. */
  write(block: AudioBlock): Promise<void> {
    // Without `then`, each result would contain the results of all writes before it.
    this.#written = Promise.all([this.#written, this.#write(block)]).then(() => undefined)
    return this.#written
  }

  async #write(block: AudioBlock): Promise<void> {
    if (!this.#running) return
    try {
      await this.#part.write(block)
    } catch (error) {
      await this.endWithFault(error)
    }
  }

  /** Ends the recording because its part cannot be written. @param reason in the journal */
  async endWithFault(error: unknown, reason = codeOf(error) ?? 'unknown'): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#logFault(error, 'a recording ends because of a fault; the call goes on')
    const abandoned = this.#abandonPart(reason)
    this.#abandoned = abandoned.then(ended => void this.#notes.note(ended))
    await abandoned
  }

  noteGap(leg: Leg, bytes: number, reason: string): void {
    if (!this.#running) return
    const gap = { recording: this.id, leg, bytes, reason }
    void this.#notes.note(event('recording.gap', this.#call, this.#deps.clock.now(), gap))
  }

  /**
   * Ends the recording. If it has no audio, its key is destroyed.
   *
   * @param seconds length of the longer leg since the tap began
   * @param emptyReason why there is no audio, in case there is none
   * @param missing audio that the recording should contain and does not
   */
  async finish(
    { state, reason }: Ending,
    seconds: number,
    emptyReason: EmptyTapReason,
    missing?: MissingAudio,
  ): Promise<void> {
    if (!this.#running) return
    if (!this.#part.hasAudio && !this.#hasEarlierParts) {
      const lost = reason === 'tap-gone' || reason === 'tap-stopped'
      return this.#discardEmpty(lost ? reason : emptyReason, missing)
    }
    this.#running = false
    const fault = await this.#endPart()
    this.#notes.noteLost()
    this.#deps.journal.note(
      fault
        ? this.#finished('truncated', this.#durableSeconds, fault, missing)
        : this.#finished(state, seconds, reason, missing),
    )
  }

  /**
   * Ends the part because the service stops, once its blocks are written. The next service continues in a new part.
   */
  async suspend(): Promise<void> {
    await this.#written
    if (!this.#running) return
    this.#running = false
    await this.#endPart()
  }

  /** Ends the recording because its call will not be tapped. The key is destroyed. */
  async cancel(reason: string): Promise<void> {
    if (!this.#running) return
    this.#running = false
    await this.#destroyPart()
    this.#deps.journal.note(this.#failed(reason))
  }

  /**
   * Ends the recording because the caller withdrew consent. When this returns, the keys of all parts are being
   * destroyed. It resolves once that is done, no block is being written, and the end is committed or noted.
   */
  async withdraw(seconds: number): Promise<void> {
    const { running } = this
    this.#running = false
    const { keyStore } = this.#deps
    const keys = [this.#part.destroyKey(), ...this.#earlierKeys.map(ref => keyStore.destroy(ref))]
    for (const one of await Promise.allSettled(keys)) {
      if (one.status === 'rejected')
        this.#logFault(one.reason, 'a key could not be destroyed at once; the next purge destroys it')
    }
    if (!running) return
    await this.#written
    if (this.#part.isInJournal) await this.#part.abandon()
    else await this.#destroyPart()
    const kept = this.#part.isInJournal || this.#hasEarlierParts
    await this.#commitEnd(kept ? this.#finished('finished', seconds) : this.#empty())
  }

  /**
   * Journals a pause, or that one side is left out. Resolves once the event is stored durably, or lost by the journal.
   *
   * @param at ms since the epoch
   * @param samples position of that moment on each leg
   */
  async notePaused(by: OmittedBy, at: number, samples: Record<Leg, number>): Promise<void> {
    if (!this.#running) return
    const place = { recording: this.id, ...samples }
    await this.#pauseNotes.note(
      by === 'own-side'
        ? event('recording.muted', this.#call, at, { ...place, leg: 'agent' })
        : event('recording.paused', this.#call, at, { ...place, by }),
    )
  }

  noteResumed(by: OmittedBy | 'timeout', at: number, samples: Record<Leg, number>): void {
    if (!this.#running) return
    const place = { recording: this.id, ...samples }
    this.#deps.journal.note(
      by === 'own-side'
        ? event('recording.unmuted', this.#call, at, { ...place, leg: 'agent' })
        : event('recording.resumed', this.#call, at, { ...place, by }),
    )
  }

  async #discardEmpty(
    emptyReason: EmptyTapReason | 'tap-gone' | 'tap-stopped',
    missing: MissingAudio | undefined,
  ): Promise<void> {
    this.#running = false
    await this.#destroyPart()
    this.#deps.journal.note(emptyReason === 'unused' ? this.#empty(missing) : this.#failed(emptyReason))
  }

  /** @returns the error code if the part could not be ended; undefined otherwise */
  async #endPart(): Promise<string | undefined> {
    try {
      if (this.#part.hasAudio) await this.#part.finish()
      else await this.#part.destroy()
      return undefined
    } catch (error) {
      this.#logFault(error, 'a part could not be ended')
      await this.#part.abandon()
      return codeOf(error) ?? 'unknown'
    }
  }

  /** @returns the event that ends the recording */
  async #abandonPart(reason: string): Promise<CallEvent> {
    await this.#part.abandon()
    if (this.#part.isInJournal || this.#hasEarlierParts)
      return this.#finished('truncated', this.#durableSeconds, reason)
    await this.#destroyPart()
    return this.#failed(reason)
  }

  async #destroyPart(): Promise<void> {
    try {
      await this.#part.destroy()
    } catch (error) {
      // There is nothing that the key could open. The next sweep destroys it.
      this.#logFault(error, 'a key without a recording could not be destroyed; the sweep destroys it later')
    }
  }

  /** Length of what opens after a fault: the longer leg up to its last durable sample, s. Later audio is lost. */
  get #durableSeconds(): number {
    return Math.max(this.#earlierSeconds, this.#part.durableSamples / SAMPLE_RATE)
  }

  get #hasEarlierParts(): boolean {
    return this.#earlierKeys.length > 0
  }

  async #commitEnd(ended: CallEvent): Promise<void> {
    const { journal } = this.#deps
    await journal.append([ended], JOURNAL_TIMEOUT).catch(() => journal.note(ended))
  }

  #finished(
    state: 'finished' | 'truncated',
    seconds: number,
    reason?: string,
    missing?: MissingAudio,
  ): CallEvent {
    const data = {
      recording: this.id,
      state,
      seconds,
      ...(reason && { reason }),
      ...(missing && { missing }),
    }
    return event('recording.finished', this.#call, this.#deps.clock.now(), data)
  }

  #empty(missing?: MissingAudio): CallEvent {
    const data = { recording: this.id, ...(missing && { missing }) }
    return event('recording.empty', this.#call, this.#deps.clock.now(), data)
  }

  #failed(reason: string): CallEvent {
    const { recording, purpose } = this.#part.info
    return event('recording.failed', this.#call, this.#deps.clock.now(), { recording, purpose, reason })
  }

  #logFault(error: unknown, text: string): void {
    const { recording, part, call } = this.#part.info
    this.#log.error({ recording, part, call, code: codeOf(error), reason: (error as Error).message }, text)
  }

  get #call() {
    return this.#part.info.call
  }
}
