import type { ActorWay } from './actor.js'
import type { AlarmKind, AlarmSubject } from './alarms.js'
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
import type { ToldWords } from './told-words.js'

export type { DestructionCause } from './keeping-events.js'
export type { PauseBy } from './party-events.js'
export type { PersonalData } from './personal-data.js'

/** The possible answers to one question. */
export const ANSWERS = ['granted', 'refused', 'silent', 'abandoned', 'failed', 'notice'] as const
export type Answer = (typeof ANSWERS)[number]
/** The answers of a call as one word: `granted` if any purpose is, else the first purpose's answer. */
export type Decision = Answer

export type PromptRole =
  | 'language'
  | 'disclosure'
  | 'question'
  | 'granted'
  | 'refused'
  | 'apology'
  | 'withdrawn'
/** How the language of a call was chosen. Without the key of a language, it is the line's own. */
export type LanguageHow = 'key' | 'silence' | 'other-key'
/** How a prompt ended: heard in full, by the caller's key or spoken answer, by hang-up, or by a fault. After a fault it does not count as heard. */
export type PromptEnd = 'complete' | 'key' | 'hangup' | 'fault'

/**
 * The data of each event type. It never has a caller's number, a key or spoken words. What people typed in it, and what may name this
 * machine, is stored in the personal part, see `typed-text.ts`. The rest is public.
 */
export interface EventData
  extends KeepingEvents,
    SpeechEvents,
    KeyEvents,
    PartyEvents,
    ProbeEvents,
    RecordingEvents {
  /** `node`: the node's name. `keys`: ids of the key pairs for which the service seals. `purposes`: that of each, in the same order. */
  'service.started': { version: string; node: string; keys?: string[]; purposes?: string[] }
  'service.stopped': { reason: string }
  /** The alarm stands until `alarm.cleared` with the same subject, or the next `service.started`. */
  'alarm.raised': AlarmSubject & { alarm: AlarmKind; detail: string }
  'alarm.cleared': AlarmSubject & { alarm: AlarmKind; stoodMs: number }
  /** The machine's clock jumped. Until `clock.settled`, the service's time goes on without the jump. */
  'clock.jumped': { byMs: number }
  /** `back`: the machine's clock is right again. `accepted`: the operator confirmed its time, which counts from now on. */
  'clock.settled': { byMs: number; how: 'back' | 'accepted' }
  /** `by` confirmed the clock, although it contradicts the times in the journal. `doubt`: the contradiction. */
  'clock.checked': { by: string; doubt: string }
  'pbx.lost': { reason: string }
  'pbx.restored': { blindMs: number; restarted: boolean }
  /** After an outage. `damaged`: unreadable places of the spool. `dropped`: events for which spool and memory had no room. */
  /** `since`: time of the first event that waited, ISO 8601; absent if none did, and in older versions. */
  'journal.caught-up': { events: number; damaged: number; dropped: number; since?: string }
  'call.started': {
    line: string | null
    policy: number
    language: Language
    mode: string
    channel: string
    /** Offset of local time from UTC, `+03:00`, so that the local time is known years later. */
    utcOffset: string
    /** Consentry placed this call itself, to see how it runs. No count of calls has it. `outbound`: the company called this customer. */
    probe?: true
    outbound?: true
    /** The recorded call that this person joined, who never dialled a line: `line` is that of the recorded call. */
    joined?: CallId
    /** Owner of the call, see `Owner`. Older versions journalled `node` and `keeper` of it, too, and the oldest nothing. */
    service?: NodeId
  }
  'call.unknown-line': Record<string, never>
  /** The line whose questions follow, and the version of its policy. Older versions did not journal them. */
  'call.answered': { line?: string; policy?: number }
  /** The caller was offered a choice of languages. What follows is spoken in this one. */
  'call.language-chosen': { language: Language; how: LanguageHow }
  /** Nothing was asked on a further line. `reason`: why its questions were not, if it has some. */
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
  /** `inConversation`: in the middle of a conversation, see `consent.requested`. */
  'consent.asked': { purpose: Purpose; attempt: number; inConversation?: true }
  'consent.answered': {
    purpose: Purpose
    answer: Answer
    method: 'key' | 'voice' | 'notice' | 'none'
    legalBasis: string
    retentionDays: number
    /** From the question's start to the answer, ms; null if the question was not asked. */
    afterMs: number | null
    /** How the caller was told to take the answer back. Older versions did not journal it. */
    withdrawal?: WithdrawalTerms
    /** Of a yes or a notice: in which words the purpose was told. Older versions did not journal it. */
    told?: ToldWords
    reason?: string
    /** Event of an earlier answer whose commit timed out. If that event is in the journal, it does not count. */
    replaces?: EventId
    /** What was heard, if the caller answered by voice. */
    voice?: VoiceEvidence
    /** The line wants a key after a spoken yes. `confirmedAfterMs`: from the decision about the yes to this key, ms. */
    confirmedBy?: 'key'
    confirmedAfterMs?: number
    /** The question came in the middle of a conversation. Such a yes takes the place of an earlier no. Such a no changes no earlier answer. */
    inConversation?: true
    /**
     * The caller had said yes to the purpose on another line, and was asked again because that yes does not hold here. The answer counts in its
     * place from now on. `inConversation` is stated, too: the earlier yes stays the basis of its recording.
     */
    again?: true
    /** The spoken yes is kept as a recording, whose `basis` is this event: on which legal basis, and how long. */
    keepAnswer?: { legalBasis: string; retentionDays: number }
  }
  /** `keep`: the recording up to the withdrawal is kept, by the line's policy. Otherwise it is due at once. */
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
    /** Of a recording that holds a spoken yes: the purpose whose question was answered. Absent otherwise. */
    keeps?: Purpose
    /** The `consent.answered` event that allows it, or whose spoken yes it holds. */
    basis: EventId
    /** ISO 8601 day on which it must be destroyed. */
    due: string
    /** Name of the tap, see `tapName`. Empty if it holds a spoken yes, which no tap brings. */
    tap: string
    /** Start time of the PBX that writes to the tap, as the PBX reports it. */
    pbx?: string
    /** Owner of the tap, as in `call.started`. */
    service?: NodeId
  }
  /**
   * `location`: the store that has the container. Older versions did not journal it, see `statedLocation`. `chunks`, `bytes`,
   * `hash`: as in `recording.progress`. `beganAt`: ISO 8601, UTC, the moment of the sample `firstSample`, at which the first block begins;
   * samples count from the beginning of the tap. Older versions did not journal these.
   */
  'recording.part-started': {
    recording: RecordingId
    part: PartId
    number: number
    object: string
    location?: PartLocation
    chunks?: number
    bytes?: number
    hash?: string
    beganAt?: string
    firstSample?: number
  }
  /**
   * The first `bytes` bytes of the container hold `chunks` records and have this SHA-256, hex. `hash512`: their SHA-512, in the last one of a
   * part whose service was killed. Older versions did not journal it.
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
    hash512?: string
    /** End of the longer leg, in samples since the tap began. */
    samples: number
    /** Where the leg begins that begins earlier. Older versions did not journal it. */
    firstSample?: number
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
   * `by` has a phone rung, to hear this revision of a draft, or to record a prompt. `endpoint`: telephone numbers in it are masked. A trial is no call: it
   * has no event of a call, so that no count of calls, answers or recordings, no receipt and no retention has it.
   */
  'trial.started': {
    trial: TrialId
    by: string
    way: ActorWay
    endpoint: string
  } & ({ draft: DraftId; line: string; revision: number } | { prompt: string; language: Language })
  /**
   * `answered`: whether the phone was answered. `decision`, `answers`: as a call would have them; nothing was recorded. `cause`: Q.850
   * cause of a phone that was not answered. `reason`: what broke the trial off. A trial has no end if service and keeper died in it.
   */
  'trial.ended': {
    trial: TrialId
    answered: boolean
    decision: Decision | null
    answers: { purpose: Purpose; answer: Answer }[]
    heard: TrialPrompt[]
    cause?: number
    reason?: string
    /** Of a prompt that was recorded: the draft that was saved. */
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

/** The event with an id derived from its type and subject, so that it enters the journal once, however often it is sent. */
export const withDeterministicId = (made: CallEvent, subject: string): CallEvent =>
  ({ ...made, id: derivedEventId(made.type, subject) }) as CallEvent
