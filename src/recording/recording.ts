import type { AudioBlock, Leg } from '../shared/audio.js'
import { codeOf } from '../shared/errors.js'
import { type CallEvent, event, type PauseBy } from '../shared/events.js'
import type { PartId, RecordingId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { KeyRef } from '../vault/keys/key-store.js'
import type { PartDeps, PartWriter } from './part-writer.js'

/** How long the end of a withdrawn recording may take to be committed, ms: the act waits for it, no caller does. */
const JOURNAL_TIMEOUT = 10_000

/** Why a tap ended without a byte: `unused`, or its pipes were not where they were made. */
export type EmptyTapReason = 'unused' | 'tap-lost'

/** How a tap ended: `truncated` if there was more, and why, as far as that is known. */
export interface Ending {
  state: 'finished' | 'truncated'
  reason?: 'tap-gone'
}

interface RecordingStart {
  part: PartWriter
  /** Keys of the parts before this one, made by services before us; it goes on if there are any. */
  earlierKeys?: readonly KeyRef[]
  deps: PartDeps
  log: Log
}

/**
 * What is recorded of one call for one purpose, by this service. Whatever fails here ends this recording and nothing
 * else: none of these methods rejects.
 */
export class Recording {
  readonly #part: PartWriter
  readonly #earlierKeys: readonly KeyRef[]
  readonly #deps: PartDeps
  readonly #log: Log
  #running = true
  /** What the journal must not forget before audio that came meanwhile may be. */
  #durableNotes: Promise<unknown> = Promise.resolve()

  constructor({ part, earlierKeys = [], deps, log }: RecordingStart) {
    this.#part = part
    this.#earlierKeys = earlierKeys
    this.#deps = deps
    this.#log = log
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
   * Resolves once what `write` has settled need never come again: the journal cannot forget the container in which it is, nor
   * a gap before it, nor, of what was not taken, that the recording is over. If the service dies before that, its successor
   * takes the recording up where this was not yet so.
   */
  async durablyJournalled(): Promise<void> {
    await Promise.all([this.#part.startDurable, this.#durableNotes])
  }

  /** Resolves once the block is durable, or the recording has failed and will not have it. */
  async write(block: AudioBlock, seconds: number): Promise<void> {
    if (!this.#running) return
    try {
      await this.#part.write(block)
    } catch (error) {
      await this.#endWithFault(error, seconds)
    }
  }

  /**
   * Its part, begun without waiting for the key file, cannot be written.
   *
   * @param seconds length of what the parts before it hold
   */
  async failNewPart(error: unknown, reason: string, seconds: number): Promise<void> {
    await this.#endWithFault(error, seconds, reason)
  }

  noteGap(leg: Leg, bytes: number, reason: string): void {
    if (!this.#running) return
    const { journal, clock } = this.#deps
    const gap = { recording: this.id, leg, bytes, reason }
    this.#awaitNote(journal.noteDurably(event('recording.gap', this.#call, clock.now(), gap)))
  }

  /**
   * Nothing more will come.
   *
   * @param seconds length of the longer leg since the tap began
   */
  async finish({ state, reason }: Ending, seconds: number, emptyReason: EmptyTapReason): Promise<void> {
    if (!this.#running) return
    if (!this.#part.hasAudio && !this.#hasEarlierParts) return this.#discardEmpty(reason ?? emptyReason)
    this.#running = false
    const fault = await this.#endPart()
    this.#deps.journal.note(this.#finished(fault ? 'truncated' : state, seconds, fault ?? reason))
  }

  /** The service stops: the part is ended, and a successor goes on with another one. */
  async suspend(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    await this.#endPart()
  }

  /** Its call will not be recorded after all. */
  async cancel(reason: string): Promise<void> {
    if (!this.#running) return
    this.#running = false
    await this.#destroyPart()
    this.#deps.journal.note(this.#failed(reason))
  }

  /**
   * The caller has taken the yes back. The keys of all parts are being destroyed when this returns; it resolves once
   * they are and the journal has been told that the recording is over.
   *
   * @param written settles when no block is on its way any more
   */
  async withdraw(written: Promise<unknown>, seconds: number): Promise<void> {
    const { running } = this
    this.#running = false
    const { keyStore } = this.#deps
    const keys = [this.#part.destroyKey(), ...this.#earlierKeys.map(ref => keyStore.destroy(ref))]
    for (const one of await Promise.allSettled(keys)) {
      if (one.status === 'rejected')
        this.#logFault(one.reason, 'a key could not be destroyed at once; the next purge does it')
    }
    if (!running) return
    await written
    if (this.#part.isInJournal) await this.#part.abandon()
    else await this.#destroyPart()
    const kept = this.#part.isInJournal || this.#hasEarlierParts
    await this.#commitEnd(kept ? this.#finished('finished', seconds) : this.#empty())
  }

  /**
   * @param at ms since the epoch; @param samples where that was on each leg
   * @returns resolves once the journal cannot forget it
   */
  async notePaused(by: PauseBy, at: number, samples: Record<Leg, number>): Promise<void> {
    if (!this.#running) return
    const { journal } = this.#deps
    await journal.noteDurably(
      event('recording.paused', this.#call, at, { recording: this.id, by, ...samples }),
    )
  }

  noteResumed(by: PauseBy | 'timeout', at: number, samples: Record<Leg, number>): void {
    if (!this.#running) return
    const { journal } = this.#deps
    journal.note(event('recording.resumed', this.#call, at, { recording: this.id, by, ...samples }))
  }

  async #discardEmpty(emptyReason: EmptyTapReason | 'tap-gone'): Promise<void> {
    this.#running = false
    await this.#destroyPart()
    const over = emptyReason === 'unused' ? this.#empty() : this.#failed(emptyReason)
    this.#deps.journal.note(over)
  }

  /** Why what there is of the part is not whole; undefined if it is. */
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

  async #endWithFault(error: unknown, seconds: number, reason = codeOf(error) ?? 'unknown'): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#logFault(error, 'a recording breaks off; the call goes on')
    const ended = this.#abandonPart(reason, seconds)
    this.#awaitNote(ended.then(over => this.#deps.journal.noteDurably(over)))
    await ended
  }

  /** @returns what the journal is to know of it */
  async #abandonPart(reason: string, seconds: number): Promise<CallEvent> {
    await this.#part.abandon()
    if (this.#part.isInJournal || this.#hasEarlierParts) return this.#finished('truncated', seconds, reason)
    await this.#destroyPart()
    return this.#failed(reason)
  }

  #awaitNote(noted: Promise<unknown>): void {
    this.#durableNotes = Promise.all([this.#durableNotes, noted])
  }

  async #destroyPart(): Promise<void> {
    try {
      await this.#part.destroy()
    } catch (error) {
      // The key opens nothing, and the next clean-up takes it.
      this.#logFault(error, 'a key without a recording could not be destroyed')
    }
  }

  get #hasEarlierParts(): boolean {
    return this.#earlierKeys.length > 0
  }

  async #commitEnd(ended: CallEvent): Promise<void> {
    const { journal } = this.#deps
    await journal.append([ended], JOURNAL_TIMEOUT).catch(() => journal.note(ended))
  }

  #finished(state: 'finished' | 'truncated', seconds: number, reason?: string): CallEvent {
    const data = { recording: this.id, state, seconds, ...(reason ? { reason } : {}) }
    return event('recording.finished', this.#call, this.#deps.clock.now(), data)
  }

  #empty(): CallEvent {
    return event('recording.empty', this.#call, this.#deps.clock.now(), { recording: this.id })
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
