import type { ColumnType, Generated } from 'kysely'
import type { Role } from '../core/actor.js'
import type { Answer, Decision, DestructionCause, EventType } from '../core/events.js'
import type { ActId, CallId, EventId, HoldId, NodeId, PartId, RecordingId, TokenId } from '../core/ids.js'
import type { PartLocation } from '../core/part-location.js'
import type { NextStep, Purpose } from '../core/policy.js'
import type { LineTables } from './line-tables.js'
import type { PeopleTables } from './people-tables.js'
import type { PromptTables } from './prompt-tables.js'
import type { ReadOnly } from './read-only.js'

/** The state of a recording. `held` and `blocked` keep it past its retention. */
export type RecordingState =
  | 'recording'
  | 'finished'
  | 'truncated'
  | 'empty'
  | 'failed'
  | 'held'
  | 'blocked'
  | 'destroying'
  | 'destroyed'

export interface EventTable {
  id: ReadOnly<number>
  uuid: ReadOnly<EventId>
  call_id: ReadOnly<CallId | null>
  at: ReadOnly<Date>
  type: ReadOnly<EventType>
  data: ReadOnly<Record<string, unknown>>
  personal_hash: ReadOnly<Buffer | null>
  /** Time of the insertion, by the database's clock. */
  entered_at: ReadOnly<Date | null>
}

export interface EventPersonalTable {
  event: ReadOnly<EventId>
  data: ReadOnly<{ caller?: string; dialled?: string; digit?: string; words?: string }>
  salt: ReadOnly<Buffer>
}

export interface LogTable {
  origin: ReadOnly<string>
  key: ReadOnly<string>
}

export interface LogCheckpointTable {
  size: ReadOnly<number>
  last_event: ReadOnly<number>
  root: ReadOnly<Buffer>
  note: ReadOnly<string>
  signed_at: ReadOnly<Date>
}

export interface LogCosignatureTable {
  size: ReadOnly<number>
  line: ReadOnly<string>
}

export interface CallTable {
  id: ReadOnly<CallId>
  line: ReadOnly<string | null>
  policy: ReadOnly<number>
  language: ReadOnly<string>
  mode: ReadOnly<string>
  channel: ReadOnly<string>
  started_event: ReadOnly<EventId>
  started_at: ReadOnly<Date>
  answered_at: ReadOnly<Date | null>
  decision: ReadOnly<Decision | null>
  decided_at: ReadOnly<Date | null>
  next: ReadOnly<NextStep['do'] | null>
  tapped: ReadOnly<boolean>
  released_at: ReadOnly<Date | null>
  rescued_at: ReadOnly<Date | null>
  ended_at: ReadOnly<Date | null>
  cause: ReadOnly<number | null>
  phase: ReadOnly<string | null>
  /** The event with the caller's number, if it is not `started_event`. */
  caller_event: ReadOnly<EventId | null>
  /** When the call's personal data was erased at the end of its retention. */
  forgotten_at: ReadOnly<Date | null>
  /** True for a call that Consentry placed itself. Counts of calls leave it out. */
  probe: ReadOnly<boolean>
  /** The owner, see `Owner`. Null if an older version journalled the call. */
  node: ReadOnly<NodeId | null>
  node_name: ReadOnly<string | null>
  keeper: ReadOnly<string | null>
}

export interface AnswerTable {
  call_id: ReadOnly<CallId>
  purpose: ReadOnly<Purpose>
  answer: ReadOnly<Answer>
  method: ReadOnly<string>
  legal_basis: ReadOnly<string>
  retention_days: ReadOnly<number>
  event: ReadOnly<EventId>
  answered_at: ReadOnly<Date>
  withdrawn_at: ReadOnly<Date | null>
  positive: ReadOnly<boolean>
}

export interface RecordingTable {
  id: ReadOnly<RecordingId>
  call_id: ReadOnly<CallId>
  purpose: ReadOnly<Purpose>
  basis: ReadOnly<EventId>
  /** `YYYY-MM-DD`. */
  due: ReadOnly<string>
  tap: ReadOnly<string>
  /** For a recording of a spoken yes: the purpose whose question was answered. */
  keeps: ReadOnly<Purpose | null>
  /** The purpose of the answer that allows the recording. */
  answer_purpose: ReadOnly<Purpose>
  state: ReadOnly<RecordingState>
  seconds: ReadOnly<number | null>
  lost_bytes: ReadOnly<number>
  prepared_at: ReadOnly<Date>
  ended_at: ReadOnly<Date | null>
  revoked_at: ReadOnly<Date | null>
  act: ReadOnly<ActId | null>
  destroyed_at: ReadOnly<Date | null>
  /** The owner, see `Owner`. Null if an older version journalled the recording. */
  node: ReadOnly<NodeId | null>
  node_name: ReadOnly<string | null>
  keeper: ReadOnly<string | null>
  pbx: ReadOnly<string | null>
}

/** Tokens of the API. */
export interface TokenTable {
  id: TokenId
  name: string
  /** SHA-256 of the token. */
  hash: Buffer
  roles: Role[]
  made_at: Date
  made_by: string
  expires_at: Date | null
  revoked_at: ColumnType<Date | null, undefined, Date>
  revoked_by: ColumnType<string | null, undefined, string>
}

export interface PartTable {
  id: ReadOnly<PartId>
  recording_id: ReadOnly<RecordingId>
  number: ReadOnly<number>
  object: ReadOnly<string>
  location: ReadOnly<PartLocation>
  started_at: ReadOnly<Date>
  ended_at: ReadOnly<Date | null>
  chunks: ReadOnly<number>
  bytes: ReadOnly<number>
  hash: ReadOnly<string | null>
  samples: ReadOnly<number | null>
  complete: ReadOnly<boolean | null>
}

export interface ActTable {
  id: ActId
  number: Generated<number | null>
  cause: DestructionCause
  reason: string
  by: string
  lost: Generated<boolean>
  opened_at: ColumnType<Date, Date | undefined, never>
  closed_at: ReadOnly<Date | null>
  /** `YYYY-MM-DD`. */
  keep_until: ReadOnly<string | null>
}

export interface ActCounterTable {
  single: ReadOnly<boolean>
  last: ColumnType<number, never, number>
}

export interface ActItemTable {
  recording: ReadOnly<RecordingId>
  act: ReadOnly<ActId>
  person: ReadOnly<string>
}

export interface HoldTable {
  id: HoldId
  kind: 'hold' | 'block'
  recording: RecordingId | null
  call_id: CallId | null
  number: string | null
  from_at: ColumnType<Date | null, Date | null | undefined>
  to_at: ColumnType<Date | null, Date | null | undefined>
  reason: string
  placed_by: string
  placed_at: ColumnType<Date, Date | undefined, never>
  expires_at: Date | null
  released_at: ColumnType<Date | null, undefined, Date>
  released_by: ColumnType<string | null, undefined, string>
}

export interface RightsRequestTable {
  id: string
  number: string
  kind: 'access' | 'correction' | 'blocking' | 'erasure'
  law: '152-fz' | 'gdpr'
  /** `YYYY-MM-DD`. */
  received_on: string
  /** `YYYY-MM-DD`. */
  due_on: string
  opened_by: string
  closed_at: ColumnType<Date | null, undefined, Date>
  closed_by: ColumnType<string | null, undefined, string>
  outcome: ColumnType<string | null, undefined, string>
}

export interface IncidentTable {
  id: string
  number: Generated<number>
  what: string
  noticed_at: Date
  opened_by: string
  opened_at: ColumnType<Date, Date | undefined, never>
  closed_at: ColumnType<Date | null, undefined, Date>
  closed_by: ColumnType<string | null, undefined, string>
}

export interface IncidentItemTable {
  incident: string
  recording: RecordingId
  call_id: CallId
  person: string
}

/** The last start of each node, by its name. */
export interface NodeStartTable {
  name: ReadOnly<string>
  event: ReadOnly<number>
  at: ReadOnly<Date>
  /** Ids of the key pairs for which it seals. Null if its version did not report them. */
  keys: ReadOnly<string[] | null>
}

export interface Tables extends LineTables, PromptTables, PeopleTables {
  event: EventTable
  event_personal: EventPersonalTable
  log: LogTable
  log_checkpoint: LogCheckpointTable
  log_cosignature: LogCosignatureTable
  call: CallTable
  answer: AnswerTable
  recording: RecordingTable
  part: PartTable
  token: TokenTable
  act: ActTable
  act_item: ActItemTable
  act_counter: ActCounterTable
  hold: HoldTable
  rights_request: RightsRequestTable
  incident: IncidentTable
  incident_item: IncidentItemTable
  node_start: NodeStartTable
  lab: { single: ReadOnly<boolean> }
}
