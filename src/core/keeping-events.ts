import type { ActorWay, Role } from './actor.js'
import type { ActId, CallId, HoldId, ProposalId, RecordingId, SessionId, TokenId } from './ids.js'
import type { LineEvents } from './line-events.js'
import type { PeopleEvents } from './people-events.js'
import type { Language, PromptMaking, Purpose } from './policy.js'
import type { SetupEvents } from './setup-events.js'

/**
 * How a change of a prompt was approved. `proposal`: the proposed change and its author; `by` is then the person who
 * approved it. `comment`: that person's comment, if any. `approval`: `bypassed` if the command skipped a required one.
 */
interface PromptApproval {
  proposal?: { id: ProposalId; by: string; comment?: string }
  approval?: 'bypassed'
}

/** A version of a prompt. */
interface PromptRef {
  prompt: string
  language: Language
  version: number
  sha256: string
}

/** Why a recording is destroyed: its retention is over, the caller withdrew, or the caller's data is erased. */
export type DestructionCause = 'term' | 'withdrawal' | 'erasure'

/**
 * The events of retention and destruction, and of actions of people and programs. `EventData` has those of calls and
 * the service.
 */
export interface KeepingEvents extends LineEvents, PeopleEvents, SetupEvents {
  /**
   * All recordings of the act are destroyed. `lost`: they were in no store, so there was nothing to remove. `keepUntil`: ISO 8601
   * day from which the act itself may be discarded.
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
    /** Recordings that no store has. */
    missing?: number
    act: ActId | null
    /** Calls whose personal data was erased at the end of its retention. */
    forgotten?: number
    /** Time without events that no person has confirmed, ms, over all purges since. Absent: none. */
    unseenMs?: number
  }
  /** The purge destroyed nothing, because the present day was uncertain, or an older state was restored. The event's `at` is PostgreSQL's time. */
  'purge.refused': { by: string; kind: 'database' | 'journal' | 'restored'; doubt: string }
  /**
   * Personal data of calls that began before `before` was erased at the end of its retention. `calls`: how many calls. `rows`: how
   * many events had personal data erased.
   */
  'personal.expired': { by: string; before: string; calls: number; rows: number }
  'hold.placed': {
    hold: HoldId
    kind: 'hold' | 'block'
    /** For `number`, the number itself is in the personal part. */
    on: { recording: RecordingId } | { call: CallId } | 'number' | { from: string; to: string }
    reason: string
    by: string
    expiresAt: string | null
  }
  'hold.released': { hold: HoldId; by: string; reason: string }
  'person.found': { by: string; calls: number }
  'person.exported': { by: string; calls: number; recordings: number; encrypted: boolean }
  /** The personal part of this event replaces the call's earlier personal data. */
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
  /** A version of a prompt was made. It is a draft. */
  'prompt.saved': PromptRef & {
    text: string
    lengthMs: number
    how: PromptMaking
    engine?: string
    voice?: string
    by: string
    way: ActorWay
  }
  /** `replaced`: the version that was in force before; null for a shipped one, and for a new prompt. */
  'prompt.published': PromptRef & { replaced: number | null; by: string; way: ActorWay } & PromptApproval
  'prompt.withdrawn': PromptRef & { by: string; way: ActorWay } & PromptApproval
  /**
   * A publication or a withdrawal awaits approval. `inForce`: the version in force, 0 for a shipped one, and for none.
   */
  'prompt.proposed': PromptRef & {
    proposal: ProposalId
    step: 'publish' | 'withdraw'
    inForce: number
    by: string
    way: ActorWay
  }
  'prompt.proposal-withdrawn': PromptRef & { proposal: ProposalId; by: string; way: ActorWay }
  /** A second person rejected it. `comment`: why. */
  'prompt.proposal-refused': PromptRef & { proposal: ProposalId; comment: string; by: string; way: ActorWay }
  /** The service could not convert or check a published prompt. Callers hear the former version, if there is one. */
  'prompt.unusable': PromptRef & { reason: string; detail: string }
  'token.added': {
    token: TokenId
    name: string
    roles: Role[]
    expiresAt: string | null
    by: string
    way: ActorWay
  }
  'token.revoked': { token: TokenId; name: string; by: string; way: ActorWay }
  /**
   * A request to the console's API, answered or refused. `by`: null if the requester is not authenticated. `token`: of
   * a program. `session`: of a person. `action`: the request, such as `line.list`.
   * `status`: of the answer (RFC 9110). `about`: the call that the request concerns. The event does not belong to that
   * call, because it is not a fact of the call.
   */
  'console.requested': {
    by: string | null
    token: TokenId | null
    session: SessionId | null
    way: ActorWay
    action: string
    status: number
    about?: CallId
  }
  /**
   * Requests for one action exceeded their limit and were refused: one event per minute and requester. Unauthenticated
   * requesters are counted by network. The fields are those of `console.requested`.
   */
  'console.limited': {
    by: string | null
    token: TokenId | null
    session: SessionId | null
    way: ActorWay
    action: string
  }
  /**
   * The key of the log was rotated. `statement`: a note signed by the old and the new key that says which key signs
   * from which size on, see `docs/formats.md`.
   */
  'log.key-rotated': { statement: string; by: string; way: ActorWay }
  'keys.rotated': { purpose: Purpose; from: string[]; to: string[]; keys: number; by: string }
  /**
   * A sweep destroyed key files, or `left` changed. `destroyed`: how many, with their containers. `ofDestroyed`: how
   * many of these belonged to destroyed recordings. `left`: how many stay because
   * the recording of their container is unknown or unreadable.
   */
  'keys.swept': { node: string; destroyed: number; ofDestroyed: number; left: number }
  /** `faults`: how many faults of each kind. */
  'audit.finished': { recordings: number; objects: number; keys: number; faults: Record<string, number> }
}
