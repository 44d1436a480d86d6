import type { RecordingBasis } from './basis.js'
import type { CallEvent } from './events.js'
import type { CallId } from './ids.js'
import type { Language, LinePolicy, Purpose } from './policy.js'

/** A prompt that is whole on disk and ready to be played. */
export interface ReadyPrompt {
  name: string
  version: number
  /** Absolute path without extension; the PBX picks the file in the channel's codec. */
  media: string
  /** Length, ms. */
  lengthMs: number
  /** SHA-256 of the WAV it was made from, hex. */
  sha256: string
  /** The words, as they are spoken. */
  text: string
}

/** Where a call finds its prompts. */
export interface PromptBook {
  /**
   * A prompt whose files are, at this moment, those that were checked.
   * @throws AppError `prompt.missing`, `prompt.damaged`
   */
  ready(language: Language, name: string): Promise<ReadyPrompt>
}

/** Where a call finds what applies to a dialled number. */
export interface LineBook {
  /** The policy in force now; undefined for a number that is no line. Never waits. */
  find(number: string): LinePolicy | undefined
}

/** Where everything that happens is written. */
export interface EventSink {
  /**
   * Resolves once the events are committed, in the order given and after everything given before.
   * @throws AppError `journal.timeout` (outcome unknown: treat as not committed), `journal.refused`, `db.unavailable`
   */
  append(events: CallEvent[], timeoutMs: number): Promise<void>
  /** Enters events in order, without waiting. */
  note(...events: CallEvent[]): void
}

/** What one granted purpose needs for its recording. */
export interface Grant {
  purpose: Purpose
  basis: RecordingBasis
  retentionDays: number
}

/** Where a call asks for its recordings. */
export interface Recorder {
  /**
   * Makes keys, rows and pipes ready for one call; nothing is recorded until the dialplan starts the tap.
   * @returns the tap's path prefix, for `CONSENTRY_TAP`
   * @throws AppError `key.missing`, `store.unwritable`, `tap.unavailable`, `journal.*`; then nothing is left behind
   */
  prepare(call: CallId, line: string, grants: Grant[]): Promise<string>
  /** The call was sent on by others, so that a tap, by its path prefix, will not be used: nothing is left behind. */
  abandon(tap: string, reason: string): Promise<void>
  /** The channel is gone: what is still in the pipes is read, then the recordings are finished. Harmless if none. */
  channelGone(call: CallId): Promise<void>
}
