import type { ActorWay } from './actor.js'
import type { AlarmKind, AlarmSubject } from './alarms.js'
import type { AnnouncedWords } from './announcement.js'
import {
  type ActId,
  type CallId,
  type DraftId,
  derivedEventId,
  type EventId,
  type NodeId,
  newEventId,
  type PartId,
  type RecordingId,
  type TrialId,
} from './ids.js'
import type { DestructionCause, KeepingEvents } from './keeping-events.js'
import type { KeyEvents } from './key-events.js'
import type { PartLocation } from './part-location.js'
import type { PartyEvents } from './party-events.js'
import type { PersonalData } from './personal-data.js'
import type { Language, NextStep, Purpose, WithdrawalTerms } from './policy.js'
import type { ProbeEvents } from './probe-call.js'
import type { RecordingEvents } from './recording-events.js'
import type { SpeechEvents, VoiceEvidence } from './speech-events.js'

export type { DestructionCause } from './keeping-events.js'
export type { PauseBy } from './party-events.js'
export type { PersonalData } from './personal-data.js'

/** The possible answers to one question. */
export const ANSWERS = ['granted', 'refused', 'silent', 'abandoned', 'failed', 'notice'] as const
export type Answer = (typeof ANSWERS)[number]
/** The answers of a call as one word: `granted` if any purpose was granted, else the first purpose's answer. */
export type Decision = Answer

export type PromptRole =
  | 'language'
  | 'disclosure'
  | 'question'
  | 'granted'
  | 'refused'
  | 'apology'
  | 'withdrawn'
/** How the language of a call was chosen. Without the key of a language, the line's own applies. */
export type LanguageHow = 'key' | 'silence' | 'other-key'
/** How a prompt ended: heard in full, by the caller's key or spoken answer, by hang-up, or by a fault. After a fault it does not count as heard. */
export type PromptEnd = 'complete' | 'key' | 'hangup' | 'fault'

/**
 * The data of each event type. It never has a caller's number, a key or spoken words. Typed text, and text that may
 * name this machine, is stored in the personal part, see `typed-text.ts`. The rest is public.
 */
export interface EventData
  extends KeepingEvents,
    SpeechEvents,
    KeyEvents,
    PartyEvents,
    ProbeEvents,
    RecordingEvents {
  /** `node`: its name. `keys`: ids of the key pairs for sealing. `purposes`: their purposes, in the same order. */
  'service.started': { version: string; node: string; keys: string[]; purposes: string[] }
  'service.stopped': { reason: string }
  /** The alarm stands until `alarm.cleared` with the same subject, or the next `service.started`. */
  'alarm.raised': AlarmSubject & { alarm: AlarmKind; detail: string }
  'alarm.cleared': AlarmSubject & { alarm: AlarmKind; stoodMs: number }
  /** The machine's clock jumped. Until `clock.settled`, the service's time continues without the jump. */
  'clock.jumped': { byMs: number }
  /** `back`: the machine's clock is right again. `accepted`: the operator confirmed its time, which now counts. */
  'clock.settled': { byMs: number; how: 'back' | 'accepted' }
  /** `by` confirmed the clock, although it contradicts the times in the journal. `doubt`: the contradiction. */
  /** `published`: the size of the published log that the database does not have, and that the person knows of. */
  'clock.checked': { by: string; doubt: string; published?: number }
  'pbx.lost': { reason: string }
  'pbx.restored': { blindMs: number; restarted: boolean }
  /**
   * After an outage. `damaged`: unreadable places of the spool. `dropped`: events for which spool and memory had no
   * room. `since`: time of the first waiting event, ISO 8601; absent if none waited.
   */
  'journal.caught-up': { events: number; damaged: number; dropped: number; since?: string }
  'call.started': {
    line: string | null
    policy: number
    language: Language
    mode: string
    channel: string
    /** Offset of local time from UTC, `+03:00`, so that the local time is known years later. */
    utcOffset: string
    /** `probe`: Consentry placed this test call; statistics exclude it. `outbound`: the company called this customer. */
    probe?: true
    outbound?: true
    /** The recorded call that this participant joined without dialling a line: `line` is that of the recorded call. */
    joined?: CallId
    /** Owner of the call, see `Owner`. */
    service: NodeId
  }
  'call.unknown-line': Record<string, never>
  /** The line whose questions follow, and its policy version. */
  'call.answered': { line: string; policy: number }
  /** The caller was offered a choice of languages. The prompts that follow use this one. */
  'call.language-chosen': { language: Language; how: LanguageHow }
  /** The call reached a further line and was not asked. `reason`: why its questions were skipped, if it has some. */
  'call.passed-through': { decision: Decision; channel: string; reason?: string }
  'prompt.ended': {
    role: PromptRole
    prompt: string
    /** Version of the prompt in its manifest. */
    version: number
    text: string
    sha256: string
    end: PromptEnd
    heardMs: number
    lengthMs: number
    reason?: string
  }
  /** `inConversation`: the question came in a conversation, see `consent.requested`. */
  'consent.asked': { purpose: Purpose; attempt: number; inConversation?: true }
  'consent.answered': {
    purpose: Purpose
    answer: Answer
    method: 'key' | 'voice' | 'notice' | 'none'
    legalBasis: string
    retentionDays: number
    /** From the question's start to the answer, ms; null if the question was not asked. */
    afterMs: number | null
    /** The announced way to withdraw. */
    withdrawal: WithdrawalTerms
    /** For a yes or a notice: the announcement of the purpose. */
    told?: AnnouncedWords
    reason?: string
    /** Event of an earlier answer whose commit timed out. If that event is in the journal, it does not count. */
    replaces?: EventId
    /** The evidence of a spoken answer. */
    voice?: VoiceEvidence
    /** The line requires a key after a spoken yes. `confirmedAfterMs`: from the recognised yes to this key, ms. */
    confirmedBy?: 'key'
    confirmedAfterMs?: number
    /** The question came in a conversation. A yes then replaces an earlier no. A no then changes no earlier answer. */
    inConversation?: true
    /**
     * The caller had agreed to the purpose on another line and was asked again, because that yes does not count on this
     * one. This answer replaces it from now on. `inConversation` is set, too: the earlier yes stays the basis of its
     * recording.
     */
    again?: true
    /** Legal basis and retention of the recording that keeps the spoken yes. Its `basis` is this event. */
    keepAnswer?: { legalBasis: string; retentionDays: number }
  }
  /** `keep`: the line's policy keeps the recording up to the withdrawal. Otherwise it is due at once. */
  'consent.withdrawn': { purposes: Purpose[]; keep: boolean }
  'call.decided': { decision: Decision; reason?: string }
  'call.released': { next: NextStep['do']; tapped: boolean; reason?: string }
  'call.rescued': { by: 'keeper'; reason: 'service-frozen' | 'service-gone'; channel: string }
  /**
   * `cause`: Q.850 cause if a recorded call ended in the dialplan; else null. The end of an unrecorded call in the dialplan is
   * detected by polling every 30 s, and `at` is the time of detection.
   */
  'call.ended': { cause: number | null; phase: string }
  'recording.prepared': {
    recording: RecordingId
    purpose: Purpose
    /** For a recording of a spoken yes: the purpose of its question. Absent otherwise. */
    keeps?: Purpose
    /** The `consent.answered` event that allows it, or whose spoken yes it holds. */
    basis: EventId
    /** ISO 8601 day on which it must be destroyed. */
    due: string
    /** Name of the tap, see `tapName`. Empty for a recording of a spoken yes, which has no tap. */
    tap: string
    /** Start time of the PBX that writes to the tap, as the PBX reports it. */
    pbx?: string
    /** Owner of the tap, as in `call.started`. */
    service: NodeId
  }
  /**
   * `location`: the store that has the container. `chunks`, `bytes`, `hash`: as in `recording.progress`. `beganAt`:
   * moment of the sample `firstSample`, with which the first block begins, ISO 8601, UTC. Samples count from the start
   * of the tap.
   */
  'recording.part-started': {
    recording: RecordingId
    part: PartId
    number: number
    object: string
    location: PartLocation
    chunks: number
    bytes: number
    hash: string
    beganAt: string
    firstSample: number
  }
  /**
   * The first `bytes` bytes of the container hold `chunks` records and have this SHA-256, hex. `hash512`: their SHA-512, in the last one of a
   * part whose service was killed.
   */
  'recording.progress': {
    recording: RecordingId
    part: PartId
    chunks: number
    bytes: number
    hash: string
    hash512?: string
  }
  'recording.part-ended': {
    recording: RecordingId
    part: PartId
    chunks: number
    bytes: number
    hash: string
    hash512: string
    /** End of the longer leg, in samples since the tap began. */
    samples: number
    /** Sample at which the first leg begins. */
    firstSample: number
    complete: boolean
  }
  'recording.gap': { recording: RecordingId; leg: 'caller' | 'agent'; bytes: number; reason: string }
  /** A person played the recording or made a copy. */
  'recording.opened': { recording: RecordingId; by: string; reason: string; how: 'open' | 'export' | 'play' }
  /** Key files are overwritten and containers removed, on all mirrors. */
  'recording.destroyed': {
    recording: RecordingId
    purpose: Purpose
    act: ActId
    cause: DestructionCause
    parts: PartId[]
  }
  /**
   * `by` has a phone rung to hear this revision of a draft, or to record a prompt. `endpoint`: telephone numbers in it
   * are masked. A trial is not a call and has no events of a call. So statistics, receipts and retention exclude it.
   */
  'trial.started': {
    trial: TrialId
    by: string
    way: ActorWay
    endpoint: string
  } & ({ draft: DraftId; line: string; revision: number } | { prompt: string; language: Language })
  /**
   * `answered`: whether the phone was answered. `decision`, `answers`: as in a call; nothing was recorded. `cause`:
   * Q.850 cause of an unanswered phone. `reason`: why the trial was aborted. A trial has no end if service and keeper
   * died during it.
   */
  'trial.ended': {
    trial: TrialId
    answered: boolean
    decision: Decision | null
    answers: { purpose: Purpose; answer: Answer }[]
    heard: TrialPrompt[]
    cause?: number
    reason?: string
    /** For a recorded prompt: the version of the saved draft. */
    version?: number
  }
}

/** A prompt that was played in a trial, as in `prompt.ended`. */
export type TrialPrompt = Pick<
  EventData['prompt.ended'],
  'role' | 'prompt' | 'version' | 'sha256' | 'end' | 'heardMs'
>

export type EventType = keyof EventData

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

/** The closed union of all events. */
export type CallEvent = { [T in EventType]: EventOf<T> }[EventType]

/**
 * Makes an event with a new id: `event('call.answered', call, at, {})`.
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

/** Derives an event's id from its type and subject. It then enters the journal once, however often it is sent. */
export const withDeterministicId = (made: CallEvent, subject: string): CallEvent =>
  ({ ...made, id: derivedEventId(made.type, subject) }) as CallEvent
