import type { RecordingBasis } from '../shared/basis.js'
import type { CallEvent, PromptRole } from '../shared/events.js'
import type { CallId, ChannelId, EventId } from '../shared/ids.js'
import type { Language, LinePolicy, Purpose } from '../shared/policy.js'

/** A prompt that is whole on disk and ready to be played. */
export interface ReadyPrompt {
  name: string
  /** Absolute path without extension; the PBX picks the file in the channel's codec. */
  media: string
  /** Length, ms. */
  lengthMs: number
  /** SHA-256 of the WAV it was made from, hex. */
  sha256: string
  /** The words, as they are spoken. */
  text: string
}

/** Where the call finds its prompts. */
export interface PromptBook {
  /**
   * A prompt whose files are, at this moment, those that were checked.
   * @throws AppError `prompt.missing`, `prompt.damaged`
   */
  ready(language: Language, name: string): Promise<ReadyPrompt>
}

/** Where the call finds what applies to a dialled number. */
export interface LineBook {
  /** The policy in force now; undefined for a number that is no line. Never waits. */
  find(number: string): LinePolicy | undefined
}

/** Where the call writes what happened. */
export interface CallJournal {
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

/** Where the call asks for its recordings. */
export interface Recorder {
  /**
   * Makes keys, rows and pipes ready for one call; nothing is recorded until the dialplan starts the tap.
   * @returns the tap's path prefix, for `CONSENTRY_TAP`
   * @throws AppError `key.missing`, `store.unwritable`, `tap.unavailable`, `journal.*`; then nothing is left behind
   */
  prepare(call: CallId, line: string, grants: Grant[]): Promise<string>
  /** The channel is gone: what is still in the pipes is read, then the recordings are finished. Harmless if none. */
  channelGone(call: CallId): Promise<void>
}

/** A playback that was accepted by the PBX. */
export interface Playing {
  readonly id: string
}

/** Orders to one channel. Each rejects with AppError `pbx.*`; `endsCall` says that the channel is gone. */
export interface CallLeg {
  readonly channel: ChannelId
  answer(): Promise<void>
  /** @param media absolute path of a sound file, without extension */
  play(media: string, id: string): Promise<Playing>
  stopPlaying(id: string): Promise<void>
  setVariables(variables: Record<string, string>): Promise<void>
  /** Goes on receiving keys and the end of the channel after it left for the dialplan. */
  keepWatching(): Promise<void>
  stopWatching(): Promise<void>
  /** Back to the dialplan, at the step after `Stasis`. */
  continueInDialplan(): Promise<void>
  hangup(): Promise<void>
}

/** What the PBX tells about one channel. */
export type CallFact =
  | { fact: 'key'; digit: string }
  | { fact: 'playing'; playback: string }
  | { fact: 'played'; playback: string; ok: boolean }
  | { fact: 'left-app' }
  | { fact: 'hung-up'; cause: number }

/** A channel that came in through `Stasis(APP,number)`. */
export interface Arrival {
  channel: ChannelId
  /** The dialled number, as the dialplan filtered it. */
  number: string
  /** The caller's number as the PBX has it; personal data. */
  caller: string
  leg: CallLeg
}

export type { CallEvent, EventId, PromptRole }
