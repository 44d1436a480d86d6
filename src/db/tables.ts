import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { ActorWay, Changer, Role } from '../core/actor.js'
import type { Answer, Decision, DestructionCause, EventType } from '../core/events.js'
import type {
  ActId,
  CallId,
  DraftId,
  EventId,
  HoldId,
  NodeId,
  PartId,
  PasskeyId,
  ProposalId,
  RecordingId,
  SessionId,
  TokenId,
  UserId,
} from '../core/ids.js'
import type { PartLocation } from '../core/part-location.js'
import type { Language, NextStep, PromptMaking, Purpose } from '../core/policy.js'

/** A column that only the journal's own SQL writes. Inserts and updates through Kysely do not compile. */
type ReadOnly<T> = ColumnType<T, never, never>

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

interface EventTable {
  id: ReadOnly<number>
  uuid: ReadOnly<EventId>
  call_id: ReadOnly<CallId | null>
  at: ReadOnly<Date>
  type: ReadOnly<EventType>
  data: ReadOnly<Record<string, unknown>>
  personal_hash: ReadOnly<Buffer | null>
  /** Time of the insertion, by the database's clock. */
  entered_at: ReadOnly<Date>
}

interface EventPersonalTable {
  event: ReadOnly<EventId>
  data: ReadOnly<{ caller?: string; dialled?: string; digit?: string; words?: string }>
  salt: ReadOnly<Buffer>
}

interface LogTable {
  single: ReadOnly<boolean>
  origin: ReadOnly<string>
  key: ReadOnly<string>
}

interface LogCheckpointTable {
  size: ReadOnly<number>
  last_event: ReadOnly<number>
  root: ReadOnly<Buffer>
  note: ReadOnly<string>
  signed_at: ReadOnly<Date>
}

interface LogCosignatureTable {
  size: ReadOnly<number>
  line: ReadOnly<string>
}

interface CallTable {
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
  /** The owner, see `Owner`. */
  node: ReadOnly<NodeId>
}

interface AnswerTable {
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

interface RecordingTable {
  id: ReadOnly<RecordingId>
  call_id: ReadOnly<CallId>
  purpose: ReadOnly<Purpose>
  basis: ReadOnly<EventId>
  /** Always true: the answer is positive. */
  on_positive: ReadOnly<boolean>
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
  /** The owner, see `Owner`. */
  node: ReadOnly<NodeId>
  pbx: ReadOnly<string | null>
}

/** Tokens of the API. */
interface TokenTable {
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

interface PartTable {
  id: ReadOnly<PartId>
  recording_id: ReadOnly<RecordingId>
  number: ReadOnly<number>
  object: ReadOnly<string>
  location: ReadOnly<PartLocation>
  started_at: ReadOnly<Date>
  ended_at: ReadOnly<Date | null>
  chunks: ReadOnly<number>
  bytes: ReadOnly<number>
  hash: ReadOnly<string>
  samples: ReadOnly<number | null>
  complete: ReadOnly<boolean | null>
}

interface ActTable {
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

interface ActCounterTable {
  single: ReadOnly<boolean>
  last: ColumnType<number, never, number>
}

interface ActItemTable {
  recording: ReadOnly<RecordingId>
  act: ReadOnly<ActId>
  person: ReadOnly<string>
}

interface HoldTable {
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

interface RightsRequestTable {
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

interface IncidentTable {
  id: string
  number: Generated<number>
  what: string
  noticed_at: Date
  opened_by: string
  opened_at: ColumnType<Date, Date | undefined, never>
  closed_at: ColumnType<Date | null, undefined, Date>
  closed_by: ColumnType<string | null, undefined, string>
}

interface IncidentItemTable {
  incident: string
  recording: RecordingId
  call_id: CallId
  person: string
}

/** The last start of each node, by its name. */
interface NodeStartTable {
  name: ReadOnly<string>
  event: ReadOnly<number>
  at: ReadOnly<Date>
  /** Ids of the key pairs for which it seals. */
  keys: ReadOnly<string[]>
}

interface LineTable {
  number: string
  version: number
  policy: ColumnType<unknown, string, never>
  active: Generated<boolean>
  created_at: ReadOnly<Date>
  /** The version's `line.changed`. */
  event: ReadOnly<EventId>
  group_name: ReadOnly<string | null>
  group_version: ReadOnly<number | null>
  /** Paths of the fields that the line states itself. */
  stated: ReadOnly<string[]>
}

/** The state of a draft of a line. The last two are final. */
export type DraftState = 'open' | 'awaiting-approval' | 'approved' | 'scheduled' | 'published' | 'discarded'

interface LineDraftTable {
  id: DraftId
  line: string
  base: number
  /** As it was typed. */
  input: ColumnType<unknown, string, string>
  revision: number
  state: Generated<DraftState>
  made_at: Date
  made_by: string
  made_way: ActorWay
  changed_at: Date
  changed_by: string
  changed_way: ActorWay
  changers: ColumnType<Changer[], string, string>
  approved_revision: Generated<number | null>
  approved_at: Generated<Date | null>
  approved_by: Generated<string | null>
  approved_way: Generated<ActorWay | null>
  approved_hash: Generated<string | null>
  approval_event: Generated<EventId | null>
  refusal_event: Generated<EventId | null>
  publish_at: Generated<Date | null>
  scheduled_by: Generated<string | null>
  scheduled_way: Generated<ActorWay | null>
  failure: Generated<string | null>
  failed_at: Generated<Date | null>
  published_version: ReadOnly<number | null>
}

interface LineGroupTable {
  name: ReadOnly<string>
  version: ReadOnly<number>
  fields: ReadOnly<unknown>
  active: ReadOnly<boolean>
  created_at: ReadOnly<Date>
  event: ReadOnly<EventId>
}

/** What a proposal changes. */
export type ProposalKind = 'line-group' | 'prompt'

interface ProposalTable {
  id: ProposalId
  kind: ProposalKind
  name: string
  base: number
  change: ColumnType<unknown, string, never>
  made_at: Date
  made_by: string
  made_way: ActorWay
  ended_at: ColumnType<Date | null, undefined, Date>
  refusal_event: ColumnType<EventId | null, undefined, EventId>
}

/** The master of a prompt version, by its SHA-256. */
interface PromptAudioTable {
  sha256: string
  wav: ColumnType<Buffer, Buffer, never>
}

/** Whether a version of a prompt is in use. `replaced`: a later publication has taken its place. */
export type PromptState = 'draft' | 'published' | 'replaced' | 'withdrawn'

/** Prompts that were made while the service runs. */
interface PromptVersionTable {
  name: string
  language: Language
  version: number
  template: string
  variables: ColumnType<Record<string, unknown>, string, never>
  text: string
  says: ColumnType<Record<string, unknown>, string, never>
  sha256: string
  length_ms: number
  lufs: number
  true_peak: number
  made_how: PromptMaking
  engine: string | null
  voice: string | null
  made_by: string
  made_at: Date
  changers: ColumnType<Changer[], string, never>
  state: Generated<PromptState>
  published_by: ColumnType<string | null, undefined, string>
  published_at: ColumnType<Date | null, undefined, Date>
  ended_by: ColumnType<string | null, undefined, string | null>
  ended_at: ColumnType<Date | null, undefined, Date | null>
}

/** People who sign in to the console. */
interface UserTable {
  id: UserId
  name: string
  roles: Role[]
  made_at: Date
  made_by: string
  disabled_at: ColumnType<Date | null, undefined, Date | null>
}

/** Credentials of a user. */
interface UserCredentialTable {
  user_id: UserId
  /** argon2id, as a PHC string. Null for a user who has only a passkey. */
  passphrase: string | null
  /** Sealed by the console's key. */
  totp: Buffer | null
  totp_step: number | null
  /** Replaces `totp` once it is confirmed. Sealed in the same way. */
  next_totp: ColumnType<Buffer | null, undefined, Buffer | null>
  set_at: Date
  has_passphrase: GeneratedAlways<boolean>
  has_code: GeneratedAlways<boolean>
}

interface UserPasskeyTable {
  id: PasskeyId
  user_id: UserId
  /** The passkey's own id, base64url. */
  credential: string
  /** COSE_Key. */
  public_key: Buffer
  counter: number
  transports: string[]
  name: string
  made_at: Date
  used_at: Date | null
}

/** What a challenge is for. */
export type ChallengePurpose = 'register' | 'sign-in' | 'prove' | 'accept'

interface PasskeyChallengeTable {
  /** SHA-256 of the challenge. */
  hash: Buffer
  purpose: ChallengePurpose
  user_id: UserId | null
  expires_at: Date
}

interface UserRecoveryCodeTable {
  user_id: UserId
  /** SHA-256 of the code. */
  hash: Buffer
  used_at: ColumnType<Date | null, undefined, Date>
}

interface UserInvitationTable {
  /** SHA-256 of the link's secret. */
  hash: Buffer
  user_id: UserId
  made_at: Date
  expires_at: Date
  /** Sealed by the console's key. */
  totp: ColumnType<Buffer | null, undefined, Buffer>
}

interface UserSessionTable {
  id: SessionId
  /** SHA-256 of the cookie's value. */
  hash: Buffer
  user_id: UserId
  address: string
  made_at: Date
  seen_at: Date
  ends_at: Date
  ended_at: ColumnType<Date | null, undefined, Date>
  /** When the user last proved passphrase and second factor in this session. */
  proven_at: Date | null
}

interface SignInAttemptTable {
  subject: Buffer
  failures: number
  last_at: Date
  until: Date | null
  succeeded_at: ColumnType<Date | null, undefined, Date>
}

interface RulesTable {
  id: GeneratedAlways<number>
  /** SHA-256 of the text, hex. */
  version: string
  text: string
  published_at: Date
  published_by: string
}

interface RulesAcknowledgedTable {
  user_id: UserId
  version: string
  acknowledged_at: Date
}

interface UserTrainingTable {
  id: string
  user_id: UserId
  what: string
  /** `YYYY-MM-DD`. */
  held_on: string
  recorded_at: Date
  recorded_by: string
}

/** The mark of a lab's database. */
interface LabTable {
  single: ReadOnly<boolean>
}

/** All tables that the code reads and writes through Kysely. */
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
  token: TokenTable
  act: ActTable
  act_item: ActItemTable
  act_counter: ActCounterTable
  hold: HoldTable
  rights_request: RightsRequestTable
  incident: IncidentTable
  incident_item: IncidentItemTable
  node_start: NodeStartTable
  lab: LabTable
  line: LineTable
  line_draft: LineDraftTable
  line_group: LineGroupTable
  proposal: ProposalTable
  prompt_audio: PromptAudioTable
  prompt_version: PromptVersionTable
  user: UserTable
  user_credential: UserCredentialTable
  user_passkey: UserPasskeyTable
  passkey_challenge: PasskeyChallengeTable
  user_recovery_code: UserRecoveryCodeTable
  user_invitation: UserInvitationTable
  user_session: UserSessionTable
  sign_in_attempt: SignInAttemptTable
  rules: RulesTable
  rules_acknowledged: RulesAcknowledgedTable
  user_training: UserTrainingTable
}
