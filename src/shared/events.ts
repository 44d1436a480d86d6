import type { AlarmKind, AlarmSubject } from './alarms.js'
import {
  type ActId,
  type CallId,
  derivedEventId,
  type EventId,
  type HoldId,
  newEventId,
  type PartId,
  type RecordingId,
  type ServiceId,
} from './ids.js'
import type { Language, NextStep, Purpose, WithdrawalTerms } from './policy.js'

/** One answer to one purpose. */
export const ANSWERS = ['granted', 'refused', 'silent', 'abandoned', 'failed', 'notice'] as const
export type Answer = (typeof ANSWERS)[number]
/** A call as a whole: `granted` if any purpose is, else the first purpose's answer. */
export type Decision = Answer

export type PromptRole = 'disclosure' | 'question' | 'granted' | 'refused' | 'apology' | 'withdrawn'
/** How a prompt ended: heard whole, ended by the caller's key, by hang-up, or by a fault (then it does not count as heard). */
export type PromptEnd = 'complete' | 'key' | 'hangup' | 'fault'

/** Why a recording is destroyed: its term is over, the caller took the yes back, or has to be forgotten. */
export type DestructionCause = 'term' | 'withdrawal' | 'erasure'

/** The public part of every event: never a caller's number, a digit or a word said. */
export interface EventData {
  /** `keys`: ids of the key pairs for which it seals. */
  'service.started': { version: string; node: string; keys?: string[] }
  'service.stopped': { reason: string }
  /** A trouble began; it stands until `alarm.cleared` of the same subject, or the next `service.started`. */
  'alarm.raised': AlarmSubject & { alarm: AlarmKind; detail: string }
  'alarm.cleared': AlarmSubject & { alarm: AlarmKind; stoodMs: number }
  /** The machine's clock no longer says what it should; until it is settled, time goes on as it was. */
  'clock.jumped': { byMs: number }
  /** `back`: it says again what it should. `accepted`: what it says counts from now on, because the operator says so. */
  'clock.settled': { byMs: number; how: 'back' | 'accepted' }
  /** Somebody confirmed the clock, although it does not follow on the times in the journal. `doubt`: what seemed wrong. */
  'clock.checked': { by: string; doubt: string }
  'pbx.lost': { reason: string }
  'pbx.restored': { blindMs: number; restarted: boolean }
  /**
   * The events of a time without the database are in the journal. `damaged`: places of the spool that could not be read any
   * more; `dropped`: events for which neither spool nor memory had room.
   */
  'journal.caught-up': { events: number; damaged: number; dropped: number }
  'call.started': {
    line: string | null
    policy: number
    language: Language
    mode: string
    channel: string
    /** What the operator's clocks show beside UTC, `+03:00`, so that the local time can be told years later. */
    utcOffset: string
    /** Whose it is, see `Owner`. Older versions did not say. */
    node?: string
    keeper?: string
    service?: ServiceId
  }
  'call.unknown-line': Record<string, never>
  'call.answered': Record<string, never>
  'call.passed-through': { decision: Decision; channel: string }
  'prompt.ended': {
    role: PromptRole
    prompt: string
    /** Of the prompt, as its manifest counts. */
    version: number
    text: string
    sha256: string
    end: PromptEnd
    heardMs: number
    lengthMs: number
    reason?: string
  }
  'consent.asked': { purpose: Purpose; attempt: number }
  'consent.key-ignored': { purpose: Purpose | null; reason: 'too-early' | 'wrong-key' }
  'consent.answered': {
    purpose: Purpose
    answer: Answer
    method: 'key' | 'voice' | 'notice' | 'none'
    legalBasis: string
    retentionDays: number
    /** From the question's start to the answer, ms; null when it was never asked. */
    afterMs: number | null
    /** How the caller was told to take the answer back. Older versions did not journal it. */
    withdrawal?: WithdrawalTerms
    reason?: string
    /** Event of an earlier answer whose commit timed out. If that event is in the journal, it does not count. */
    replaces?: EventId
  }
  /** `keep`: the policy keeps what was said until then; otherwise it is due at once. */
  'consent.withdrawn': { purposes: Purpose[]; keep: boolean }
  'call.decided': { decision: Decision; reason?: string }
  'call.released': { next: NextStep['do']; tapped: boolean; reason?: string }
  'call.rescued': { by: 'keeper'; reason: 'service-frozen' | 'service-gone'; channel: string }
  /**
   * `cause`: Q.850 cause of a recorded call's end in the dialplan; else null. A call that is unrecorded in the dialplan is not
   * watched: polling finds within half a minute that it is gone, and `at` is that time.
   */
  'call.ended': { cause: number | null; phase: string }
  'recording.prepared': {
    recording: RecordingId
    purpose: Purpose
    /** The `consent.answered` event that allows it. */
    basis: EventId
    /** ISO 8601 day on which it must be destroyed. */
    due: string
    tap: string
    /** When the PBX that is to write there was started, in its own words. */
    pbx?: string
    /** Owner of the tap, see `Owner`. Older versions did not journal it. */
    node?: string
    keeper?: string
    service?: ServiceId
  }
  /** `chunks`, `bytes`, `hash`: as in `recording.progress`. Older versions did not journal them. */
  'recording.part-started': {
    recording: RecordingId
    part: PartId
    number: number
    object: string
    chunks?: number
    bytes?: number
    hash?: string
  }
  /** The first `bytes` bytes of the container hold `chunks` records and have this SHA-256, hex. */
  'recording.progress': { recording: RecordingId; part: PartId; chunks: number; bytes: number; hash: string }
  'recording.part-ended': {
    recording: RecordingId
    part: PartId
    chunks: number
    bytes: number
    hash: string
    /** Samples a leg; the longer one. */
    samples: number
    complete: boolean
  }
  'recording.gap': { recording: RecordingId; leg: 'caller' | 'agent'; bytes: number; reason: string }
  /**
   * `reason`: the fault that ended the recording. `tap-gone`: the PBX died, or keeper and service died together. If a service
   * took the recording up only to end it, also `withdrawn`, or `key-gone` (withdrawn, but not in the journal).
   */
  'recording.finished': {
    recording: RecordingId
    state: 'finished' | 'truncated'
    seconds: number
    reason?: string
  }
  /** A yes after which nothing was said: no container exists, the key is destroyed. */
  'recording.empty': { recording: RecordingId }
  'recording.failed': { recording: RecordingId | null; purpose: Purpose | null; reason: string }
  /** From here on nothing is kept, for example while a card number is said. */
  'recording.paused': { recording: RecordingId; by: PauseBy; caller: number; agent: number }
  /** Samples of each leg at which it goes on; what lies between is silence. */
  'recording.resumed': { recording: RecordingId; by: PauseBy | 'timeout'; caller: number; agent: number }
  /** Somebody listened, or took a copy. */
  'recording.opened': { recording: RecordingId; by: string; reason: string; how: 'open' | 'export' | 'play' }
  /** Key and containers are gone, on every mirror. */
  'recording.destroyed': {
    recording: RecordingId
    purpose: Purpose
    act: ActId
    cause: DestructionCause
    parts: PartId[]
  }
  /**
   * All that belongs to the act is gone. `lost`: its recordings were in no store, so nothing was there to be removed.
   * `keepUntil`: ISO 8601 day on which the act itself may go.
   */
  'act.closed': {
    act: ActId
    number: number
    cause: DestructionCause
    reason: string
    by: string
    lost?: true
    openedAt: string
    recordings: number
    keepUntil: string
  }
  'act.discarded': { act: ActId; number: number }
  'purge.finished': {
    at: string
    due: number
    destroyed: number
    held: number
    failed: number
    /** Of which nothing was found. */
    missing?: number
    act: ActId | null
    /** Calls whose personal data was erased because its term was over. */
    forgotten?: number
  }
  /** Nothing was destroyed by term, because it was not certain what day it was. The event's `at` is PostgreSQL's time. */
  'purge.refused': { by: string; kind: 'database' | 'journal'; doubt: string }
  /**
   * Personal data of calls that began before `before` was erased, because its term was over. `calls`: how many calls; `rows`:
   * how many events lost personal data.
   */
  'personal.expired': { by: string; before: string; calls: number; rows: number }
  'hold.placed': {
    hold: HoldId
    kind: 'hold' | 'block'
    /** A number stands apart, as personal data. */
    on: { recording: RecordingId } | { call: CallId } | 'number' | { from: string; to: string }
    reason: string
    by: string
    expiresAt: string | null
  }
  'hold.released': { hold: HoldId; by: string; reason: string }
  'person.found': { by: string; calls: number }
  'person.exported': { by: string; calls: number; recordings: number; encrypted: boolean }
  /** The personal part of this event is what holds for the call from now on. */
  'person.corrected': { by: string; reason: string }
  'person.erased': {
    by: string
    reason: string
    act: ActId | null
    calls: number
    recordings: number
    held: number
  }
  'request.received': { request: string; kind: string; law: string; dueOn: string; by: string }
  'request.closed': { request: string; outcome: string; by: string }
  'incident.opened': {
    incident: string
    number: number
    what: string
    noticedAt: string
    recordings: number
    by: string
  }
  'incident.closed': { incident: string; by: string }
  'keys.rotated': { purpose: Purpose; from: string[]; to: string[]; keys: number; by: string }
  /**
   * A service swept key files that nothing refers to, and destroyed some or `left` changed. `destroyed`: how many, with their
   * containers. `left`: how many stay because the recording of their container is unknown or unreadable.
   */
  'keys.swept': { node: string; destroyed: number; left: number }
  /** How many faults of each kind. */
  'audit.finished': { recordings: number; objects: number; keys: number; faults: Record<string, number> }
}

/** Who paused a recording: the agent with a key, or a program through the API. */
export type PauseBy = 'agent' | 'api'

export type EventType = keyof EventData

/** What is known of a person; kept apart from the event, so that it can be erased while the event stays. */
export interface PersonalData {
  /** The caller's number as the PBX gave it. */
  caller?: string
  /** The number dialled, where it is no line of ours. */
  dialled?: string
  /** The key that was pressed for an answer. */
  digit?: string
  /** The number that a hold or a request is about. */
  number?: string
}

interface EventOf<T extends EventType> {
  id: EventId
  type: T
  /** Null for events of the service itself. */
  call: CallId | null
  /** When it happened, ms since the epoch. */
  at: number
  data: EventData[T]
  personal?: PersonalData
}

/** The closed union of everything the journal can say. */
export type CallEvent = { [T in EventType]: EventOf<T> }[EventType]

/**
 * The constructor of every event: `event('call.answered', call, at, {})`.
 *
 * @param at ms since the epoch
 */
export function event<T extends EventType>(
  type: T,
  call: CallId | null,
  at: number,
  data: EventData[T],
  personal?: PersonalData,
): CallEvent {
  const made = { id: newEventId(), type, call, at, data, ...(personal ? { personal } : {}) }
  return made as EventOf<T> as CallEvent
}

/** The same event with an id that its subject gives: it enters the journal once, however often it is told. */
export const withDeterministicId = (made: CallEvent, subject: string): CallEvent =>
  ({ ...made, id: derivedEventId(made.type, subject) }) as CallEvent
