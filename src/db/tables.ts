import type { ColumnType, Generated } from 'kysely'
import type { Answer, Decision, DestructionCause, EventType } from '../shared/events.js'
import type { ActId, CallId, EventId, HoldId, PartId, RecordingId } from '../shared/ids.js'
import type { NextStep, Purpose } from '../shared/policy.js'

/** Written by the journal in its own SQL, so that no insert or update through Kysely compiles. */
type Read<T> = ColumnType<T, never, never>

/** What has become of a recording; `held` and `blocked` keep it past its term. */
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
  id: Read<number>
  uuid: Read<EventId>
  call_id: Read<CallId | null>
  at: Read<Date>
  type: Read<EventType>
  data: Read<Record<string, unknown>>
  personal_hash: Read<Buffer | null>
}

export interface EventPersonalTable {
  event: Read<EventId>
  data: Read<{ caller?: string; dialled?: string; digit?: string }>
  salt: Read<Buffer>
}

export interface LogTable {
  origin: Read<string>
  key: Read<string>
}

export interface LogCheckpointTable {
  size: Read<number>
  last_event: Read<number>
  root: Read<Buffer>
  note: Read<string>
  signed_at: Read<Date>
}

export interface LogCosignatureTable {
  size: Read<number>
  line: Read<string>
}

export interface CallTable {
  id: Read<CallId>
  line: Read<string | null>
  policy: Read<number>
  language: Read<string>
  mode: Read<string>
  channel: Read<string>
  started_event: Read<EventId>
  started_at: Read<Date>
  answered_at: Read<Date | null>
  decision: Read<Decision | null>
  decided_at: Read<Date | null>
  next: Read<NextStep['do'] | null>
  tapped: Read<boolean>
  released_at: Read<Date | null>
  rescued_at: Read<Date | null>
  ended_at: Read<Date | null>
  cause: Read<number | null>
  phase: Read<string | null>
  /** Where the caller's number stands, if not in `started_event`. */
  caller_event: Read<EventId | null>
  /** When the personal data was erased because its term was over. */
  forgotten_at: Read<Date | null>
}

export interface AnswerTable {
  call_id: Read<CallId>
  purpose: Read<Purpose>
  answer: Read<Answer>
  method: Read<string>
  legal_basis: Read<string>
  retention_days: Read<number>
  event: Read<EventId>
  answered_at: Read<Date>
  withdrawn_at: Read<Date | null>
  positive: Read<boolean>
}

export interface RecordingTable {
  id: Read<RecordingId>
  call_id: Read<CallId>
  purpose: Read<Purpose>
  basis: Read<EventId>
  /** `YYYY-MM-DD`. */
  due: Read<string>
  tap: Read<string>
  state: Read<RecordingState>
  seconds: Read<number | null>
  lost_bytes: Read<number>
  prepared_at: Read<Date>
  ended_at: Read<Date | null>
  revoked_at: Read<Date | null>
  act: Read<ActId | null>
  destroyed_at: Read<Date | null>
}

export interface PartTable {
  id: Read<PartId>
  recording_id: Read<RecordingId>
  number: Read<number>
  object: Read<string>
  started_at: Read<Date>
  ended_at: Read<Date | null>
  chunks: Read<number>
  bytes: Read<number>
  hash: Read<string | null>
  samples: Read<number | null>
  complete: Read<boolean | null>
}

export interface LineTable {
  number: string
  version: number
  policy: ColumnType<unknown, string, never>
  active: Generated<boolean>
  created_at: Read<Date>
}

export interface ActTable {
  id: ActId
  number: Generated<number | null>
  cause: DestructionCause
  reason: string
  by: string
  lost: Generated<boolean>
  opened_at: ColumnType<Date, Date | undefined, never>
  closed_at: Read<Date | null>
  /** `YYYY-MM-DD`. */
  keep_until: Read<string | null>
}

export interface ActCounterTable {
  single: Read<boolean>
  last: ColumnType<number, never, number>
}

export interface ActItemTable {
  recording: Read<RecordingId>
  act: Read<ActId>
  person: Read<string>
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

export interface Tables {
  event: EventTable
  event_personal: EventPersonalTable
  log: LogTable
  log_checkpoint: LogCheckpointTable
  log_cosignature: LogCosignatureTable
  call: CallTable
  answer: AnswerTable
  recording: RecordingTable
  part: PartTable
  line: LineTable
  act: ActTable
  act_item: ActItemTable
  act_counter: ActCounterTable
  hold: HoldTable
  rights_request: RightsRequestTable
  incident: IncidentTable
  incident_item: IncidentItemTable
  lab: { single: Read<boolean> }
}
