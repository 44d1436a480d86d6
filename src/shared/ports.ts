import type { Leg } from './audio.js'
import type { RecordingBasis } from './basis.js'
import type { CallEvent, PauseBy } from './events.js'
import type { CallId, RecordingId } from './ids.js'
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
   * Resolves once the events are committed, in the order given and after everything given before of the same calls.
   * @throws AppError `journal.timeout` (outcome unknown: treat as not committed), `journal.unwritten` (they waited too long,
   *   and were never sent), `journal.refused`, `db.unavailable`
   */
  append(events: CallEvent[], timeoutMs: number): Promise<void>
  /** Enters events, those of each call in order, without waiting. */
  note(...events: CallEvent[]): void
}

/** A journal that also says when what was noted can no longer be lost. */
export interface DurableEventSink extends EventSink {
  /**
   * Enters an event in order, as `note`. Resolves, however late, once it is committed or waits in a durable place, or if the
   * journal refused it for good; never if it was lost.
   */
  noteDurably(event: CallEvent): Promise<void>
}

/** Where events that cannot enter the journal now wait, so that they outlive this process. In the order in which they came. */
export interface EventSpool {
  /** Events in it that `next` has not given yet. */
  readonly unread: number
  /**
   * Resolves once the events are durable.
   *
   * @param rows as the journal takes them: JSON with `uuid`, `personal` and `salt` among others
   * @throws AppError `store.unwritable`; then none of them are in it
   */
  append(rows: readonly string[]): Promise<void>
  /**
   * The rows that follow upon those given before; none at the end.
   *
   * @returns also how many places were damaged, where events are lost
   * @throws the operating system's errors; the next call gives the same rows
   */
  next(max: number): Promise<{ rows: string[]; damaged: number }>
  /**
   * All that `next` gave is in the journal: what is in the spool is destroyed, beyond recovery where it is personal.
   * @throws AppError `store.unwritable`
   */
  destroy(): Promise<void>
  /** Leaves what is in it to a successor. */
  close(): Promise<void>
}

/** What one granted purpose needs for its recording. */
export interface Grant {
  purpose: Purpose
  basis: RecordingBasis
  retentionDays: number
}

/** How a recording under way is doing. */
export interface RecordingSigns {
  recording: RecordingId
  call: CallId
  /** For how long nothing was heard of each leg, ms; 0 in a pause. */
  silentMs: Record<Leg, number>
  /** For how long audio has been waiting to be durable, and none became so, ms; 0 if none waits. */
  stuckMs: number
  /** Bytes of its fuller leg that the keeper holds, if that is much; else 0. */
  heldBytes: number
}

/** Loads too high for new calls to be asked: the calls under way would be harmed. */
const LOADS = ['too-many-recordings', 'overloaded', 'file-limit'] as const
/** Places that take nothing, so that a yes could not be recorded. Each reason is also the name of an alarm. */
const STORAGE_AWAY = ['store-unwritable', 'keys-unwritable'] as const
/** Why new calls are not asked for a while. */
export const SHED_REASONS = [...LOADS, ...STORAGE_AWAY] as const
export type Load = (typeof LOADS)[number]
export type StorageAway = (typeof STORAGE_AWAY)[number]
export type ShedReason = Load | StorageAway

/** Who says whether one more call may be asked. */
export interface Gate {
  /**
   * @param purposes of the call's line
   * @returns why not; undefined if it may
   */
  closed(purposes: readonly Purpose[]): ShedReason | undefined
}

/** A yes taken back. */
export interface Withdrawal {
  purposes: readonly Purpose[]
  /** When the caller said so, ms since the epoch; nothing said later is kept. */
  at: number
  /** What was said before stays until its term; otherwise it is destroyed at once. */
  keep: boolean
}

/** Where a call asks for its recordings. */
export interface Recorder {
  /**
   * Makes keys, rows and pipes ready for one call; nothing is recorded until the dialplan starts the tap.
   * @param urgent aborted once the caller waits in silence for the tap; from then on it takes 3.2 s at most
   * @returns the tap's path prefix, for `CONSENTRY_TAP`
   * @throws AppError `key.missing`, `store.unwritable`, `keys.unwritable`, `tap.unavailable`, `journal.*`; then nothing is left behind
   */
  prepare(call: CallId, line: string, grants: Grant[], urgent?: AbortSignal): Promise<string>
  /** The path prefix of the tap through which a call is recorded, or will be once the dialplan starts it. */
  readyTap(call: CallId): string | undefined
  /** The call was sent on by others, so that a tap, by its path prefix, will not be used: nothing is left behind. */
  abandon(tap: string, reason: string): Promise<void>
  /** The dialplan now has the tap and starts it. @param at ms since the epoch */
  handedOver(tap: string, at: number): void
  /** Whether a tap, by its path prefix, has its pipes in their place and nothing has come through them. */
  isUnused(tap: string): Promise<boolean>
  /**
   * Ends the call's recordings for these purposes at once. Unless they are to be kept, the keys of all their parts are
   * being destroyed when this returns, whether the database is there or not; containers, act and events follow.
   * Never rejects: what cannot be done now is done by the next purge, once `consent.withdrawn` is journalled.
   */
  withdraw(call: CallId, withdrawal: Withdrawal): Promise<void>
  /**
   * Nothing said from `at` (ms since the epoch) on is kept of the call, until `resume`. Harmless when repeated.
   * @returns undefined if nothing of it is being recorded; else resolves once the journal cannot forget it, so that a
   *   service after us would not record on
   */
  pause(call: CallId, at: number, by: PauseBy): Promise<unknown> | undefined
  /** What is said from `at` on is kept again. @returns false if nothing of it is being recorded */
  resume(call: CallId, at: number, by: PauseBy | 'timeout'): boolean
  /** When the call's recordings were paused, ms since the epoch; undefined if they are not. */
  pausedSince(call: CallId): number | undefined
  /** The channel is gone: what is still in the pipes is read, then the recordings are finished. Harmless if none. */
  channelGone(call: CallId): Promise<void>
}
