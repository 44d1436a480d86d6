import type { Leg } from './audio.js'
import type { RecordingBasis } from './basis.js'
import type { CallEvent } from './events.js'
import type { CallId, ChannelId, RecordingId } from './ids.js'
import type { OmittedBy } from './party-events.js'
import type { Language, LinePolicy, Purpose } from './policy.js'
import type { SideLosses, Silenced } from './sides.js'
import type { HearingTerms, RtpSource, SpokenAnswer, SpokenSound } from './speech.js'

/** The outcome of an order to start a tap. `no-channel`: the channel has ended. */
export type TapStart = 'started' | 'no-channel' | 'failed'

/** Orders to the PBX about the taps of one channel, which may be anywhere in the dialplan. */
export interface TapOrders {
  /** Has the PBX stop a tap, by its path prefix. If it succeeds, the tap's pipes end. Never rejects. */
  stop(tap: string): Promise<void>
  /**
   * Has the PBX start a tap whose pipes are open. Never rejects.
   * @param onCheck called before each check whether it has started
   */
  start(tap: string, onCheck?: () => void): Promise<TapStart>
}

export type { SideFault, SideLosses, Silenced, Span } from './sides.js'

/** A prompt whose files are complete and ready to be played. */
export interface ReadyPrompt {
  name: string
  version: number
  /** Absolute path without extension. The PBX chooses the file for the channel's codec. */
  media: string
  /** Length, ms. */
  lengthMs: number
  /** SHA-256 of the prompt's master, hex. */
  sha256: string
  /** The spoken words. */
  text: string
}

/**
 * The stages of a call in which a caller waits. `prompt`: from the answered channel to the first prompt that the PBX
 * plays. `decision`: from a key to the committed answer. `return`: from the order that returns the channel to the
 * dialplan until it is there.
 */
export const CALL_STAGES = ['prompt', 'decision', 'return'] as const
export type CallStage = (typeof CALL_STAGES)[number]

/** How a caller reacted to the questions. `nothing`: without a key, an understood answer or a hang-up. */
export const REACTIONS = ['key', 'voice', 'nothing'] as const
export type Reaction = (typeof REACTIONS)[number]

/** Gets the measurements of one call, for metrics. */
export interface CallMeter {
  /** @param ms how long the stage took, ms */
  took(stage: CallStage, ms: number): void
  /** Called once for a call that was asked, unless the caller hung up or a fault came first. */
  reacted(by: Reaction): void
}

/** Gives calls their prompts. */
export interface PromptBook {
  /** Finds a prompt without checking its files; undefined if no prompt has this name. */
  find(language: Language, name: string): ReadyPrompt | undefined
  /**
   * Checks that a prompt's files are unchanged, for a play right after this.
   * @throws AppError `prompt.missing`, `prompt.damaged`
   */
  ready(language: Language, name: string): Promise<ReadyPrompt>
  /** A snapshot of the prompts for a new call. An immutable book lacks this function. */
  forCall?(): PromptBook
}

/** Gives calls the policy of a dialled number. */
export interface LineBook {
  /** The policy in force; undefined if the number is not a line. Never waits. */
  find(number: string): LinePolicy | undefined
}

/** Takes events for the journal. */
export interface EventSink {
  /**
   * Resolves once the events are committed, in this order, after all earlier events of the same calls.
   * @throws AppError `journal.timeout` (outcome unknown: treat as not committed), `journal.unwritten` (the events waited too long
   *   and were not sent), `journal.refused`, `db.unavailable`
   */
  append(events: CallEvent[], timeoutMs: number): Promise<void>
  /** Enters events without waiting. The events of each call stay in order. */
  note(...events: CallEvent[]): void
}

/** A journal that also reports when a noted event is durable. */
export interface DurableEventSink extends EventSink {
  /**
   * Enters an event in order, like `note`. Resolves once the event is committed or in the spool, or if the journal refused it for
   * good. As long as the event waits in memory, neither happens.
   *
   * @throws AppError `journal.unwritten`, `db.unavailable` if the event is lost: the journal is full, or was stopped
   */
  noteDurably(event: CallEvent): Promise<void>
}

/** Stores events in order on disk while they cannot enter the journal, so that they outlive this process. */
export interface EventSpool {
  /** Events that `next` has not returned yet. */
  readonly unread: number
  /**
   * Resolves once the events are durable.
   *
   * @param rows rows of the journal as JSON, with `uuid`, `personal`, `salt` and others
   * @throws AppError `store.unwritable`; then none of the rows are stored
   */
  append(rows: readonly string[]): Promise<void>
  /**
   * The next rows after those returned before; none at the end.
   *
   * @returns the rows, and how many damaged places, where events are lost, were skipped
   * @throws the operating system's errors; the next call then returns the same rows
   */
  next(max: number): Promise<{ rows: string[]; damaged: number }>
  /**
   * Destroys the stored events after the journal has all that `next` returned. Personal data is destroyed beyond recovery.
   * @throws AppError `store.unwritable`
   */
  destroy(): Promise<void>
  /** Closes the spool. A later service finds its events. */
  close(): Promise<void>
}

/** Sends the audio of one channel as RTP to one port. The caller hears nothing of it. */
export interface AudioFeed {
  /**
   * Begins to send. May be called once.
   *
   * @param onSource is called with the source of the packets before the first one is sent
   * @throws AppError `pbx.*`
   */
  open(onSource: (source: RtpSource) => void): Promise<void>
  /** Removes the feed from the PBX, even while it opens. Later calls do nothing. @throws AppError `pbx.*` */
  close(): Promise<void>
}

/** A channel that can be heard. */
export interface HeardChannel {
  readonly id: ChannelId
  /**
   * Makes a feed of what the channel says.
   *
   * @param host IP address
   */
  feed(host: string, port: number): AudioFeed
}

/** An event of a hearing. `sound`: of a yes, if the terms ask for it. `lost`: the hearing is closed; `reason` is a code. */
export type EarEvent =
  /** The caller has begun to speak, after the prompt. `spoken` or `lost` follows. */
  | { event: 'speaking' }
  | { event: 'spoken'; answer: SpokenAnswer; sound?: SpokenSound }
  | { event: 'lost'; reason: string }

/** One hearing in progress. */
export interface Hearing {
  /** The prompt that played when the hearing began has ended. */
  promptEnded(): void
  /** Ends the hearing. No event follows. May be called more than once. Never throws. */
  close(): void
}

/** Hears what callers say. */
export interface Ear {
  /**
   * Begins to hear one channel. The hearing begins when the promise resolves: the times of a `SpokenAnswer` count from
   * there.
   *
   * @param onEvent receives the events of the hearing, after the promise has resolved
   * @throws AppError `speech.*`, `pbx.*`
   */
  open(channel: HeardChannel, terms: HearingTerms, onEvent: (event: EarEvent) => void): Promise<Hearing>
}

/** A granted purpose, with what its recording needs. */
export interface Grant {
  purpose: Purpose
  basis: RecordingBasis
  retentionDays: number
}

/** Signs of a running recording's health. */
export interface RecordingSigns {
  recording: RecordingId
  call: CallId
  /** How long each leg has been silent, ms; 0 in a pause. */
  silentMs: Record<Leg, number>
  /** How long audio has waited without progress of its durability, ms; 0 if none waits. */
  stuckMs: number
  /** Bytes of the fuller leg that the keeper holds, if they are many; else 0. */
  heldBytes: number
  /** How often another program stopped the tap. */
  stops: number
}

/** Loads at which new calls are shed, to protect the present calls. */
const LOADS = ['too-many-recordings', 'overloaded', 'file-limit'] as const
/** Storage that cannot be written, so that consented calls could not be recorded. Each reason is also the name of an alarm. */
const STORAGE_AWAY = ['store-unwritable', 'keys-unwritable'] as const
/** All reasons to shed new calls. */
export const SHED_REASONS = [...LOADS, ...STORAGE_AWAY] as const
export type Load = (typeof LOADS)[number]
export type StorageAway = (typeof STORAGE_AWAY)[number]
export type ShedReason = Load | StorageAway

/** Decides whether the next call is asked. */
export interface Gate {
  /** @param purposes of the call's line @returns why the call is shed; undefined if it is asked */
  closed(purposes: readonly Purpose[]): ShedReason | undefined
  /** A caller is asked. The next ones may have to wait for less load. */
  asked(): void
}

/** A withdrawal of consent. */
export interface Withdrawal {
  purposes: readonly Purpose[]
  /** When the caller withdrew, ms since the epoch. No later audio is kept. */
  at: number
  /** Whether earlier audio stays until its retention ends. Otherwise it is destroyed at once. */
  keep: boolean
  /** Resolves when the event of the withdrawal is stored. Default: it is stored. */
  stored?: Promise<unknown>
}

/** The words of a spoken yes, to be kept as a recording of their own. */
export interface KeptAnswer {
  call: CallId
  line: string
  /** Of the purpose `consent`. */
  grant: Grant
  /** The purpose whose question was answered. */
  keeps: Purpose
  sound: SpokenSound
  /** When the sound ended, ms since the epoch. */
  at: number
}

/** Makes the recordings of calls. */
export interface Recorder {
  /**
   * Makes keys, rows and pipes for one call. Nothing is recorded until the dialplan starts the tap.
   * @param urgent aborted once the caller waits in silence for the tap; `prepare` then takes at most 3.2 s more
   * @returns the tap's path prefix, for `CONSENTRY_TAP`
   * @throws AppError `key.missing`, `store.unwritable`, `keys.unwritable`, `tap.unavailable`, `journal.*`; then nothing remains
   */
  prepare(call: CallId, line: string, grants: Grant[], urgent?: AbortSignal): Promise<string>
  /** The path prefix of a call's tap, started or not; undefined if the call has none. */
  readyTap(call: CallId): string | undefined
  /** The path prefix of the tap with this name (`tapName`) that is ready or records; undefined if none exists. */
  findTap(name: string): string | undefined
  /** Whether audio has come through a tap, by its path prefix. */
  hasAudio(tap: string): boolean
  /** Removes an unused tap, by its path prefix, after the call has left. */
  abandon(tap: string, reason: string): Promise<void>
  /** Notes that the dialplan has the tap and starts it. @param at ms since the epoch */
  handedOver(tap: string, at: number): void
  /** True if a tap, by its path prefix, has its pipes but received no audio. */
  isUnused(tap: string): Promise<boolean>
  /**
   * Ends the call's recordings for these purposes at once. Unless they are kept, the destruction of their keys has begun when this
   * returns, even without the database; containers, act and events follow. Never rejects: the next purge completes the rest,
   * once `consent.withdrawn` is in the journal.
   */
  withdraw(call: CallId, withdrawal: Withdrawal): Promise<void>
  /**
   * Keeps no audio of the call, or not that of one side, from `at` (ms since the epoch) until `resume`. Repeated calls do nothing.
   * @param purposes of the recordings that are meant; undefined for all
   * @returns undefined if nothing of the call is being recorded; else resolves once the pause is stored durably, so that a later
   *   service also keeps it
   */
  pause(call: CallId, at: number, by: OmittedBy, purposes?: readonly Purpose[]): Promise<unknown> | undefined
  /** Keeps all audio again from `at`, ms since the epoch. @param purposes as for `pause` @returns false if nothing of the call is being recorded */
  resume(call: CallId, at: number, by: OmittedBy | 'timeout', purposes?: readonly Purpose[]): boolean
  /**
   * Holds audio of the call from `from` on (ms since the epoch) until `releaseHeld`: its participants are unknown. If
   * more than 45 s of a leg are held, they are discarded, and the recordings pause (`party`). A recovered call is held
   * from the start.
   */
  hold(call: CallId, from: number): void
  /**
   * Discards the held audio of the call, and what follows, until `resume`. Does nothing if no audio is held.
   * @param at now, ms since the epoch
   * @param purposes as for `pause`
   */
  leaveOutHeld(call: CallId, at: number, by: OmittedBy, purposes?: readonly Purpose[]): void
  /** The participants of all calls are known: stores all held audio that is not excluded. */
  releaseHeld(): void
  /** Start of the pause by an agent or a program, ms since the epoch; undefined if neither has paused the call. */
  pausedSince(call: CallId): number | undefined
  /** Why audio of the call is excluded, for one purpose or any; undefined if nothing is excluded. */
  pausedBy(call: CallId, purpose?: Purpose): OmittedBy | undefined
  /** The purposes for which the call is recorded, or will be as soon as the dialplan starts the tap. */
  recordedPurposes(call: CallId): Purpose[]
  /** Seals the words of a committed yes. A failure is journalled, and the yes counts nevertheless. Never rejects. */
  keepAnswer(kept: KeptAnswer): Promise<void>
  /**
   * Has the PBX stop and restart all taps of a call. The gap, less than 0.1 s, is journalled.
   * @param silenced as measured before
   * @param isRead polled between stop and start, for 0.1 s or until the PBX has read audio since the first poll
   * @returns true if there are taps, and all of them were stopped and started
   */
  restartTaps(call: CallId, silenced: Silenced, isRead: () => Promise<boolean>): Promise<boolean>
  /** Finds gaps of a leg, see `SideLosses`. */
  readonly losses: SideLosses
  /** Sets who orders the PBX to stop and start taps. @param ordersOf undefined for a call whose channel has ended */
  useTapOrders(ordersOf: (call: CallId) => TapOrders | undefined): void
  /** The channel has ended. Reads the rest of the pipes and finishes the recordings, if there are any. @param at when it ended, ms since the epoch */
  channelGone(call: CallId, at?: number): Promise<void>
}
