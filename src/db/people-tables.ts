import type { ColumnType, GeneratedAlways } from 'kysely'
import type { Role } from '../core/actor.js'
import type { PasskeyId, SessionId, UserId } from '../core/ids.js'

/** People who sign in to the console. */
export interface UserTable {
  id: UserId
  name: string
  roles: Role[]
  made_at: Date
  made_by: string
  disabled_at: ColumnType<Date | null, undefined, Date | null>
}

/** Credentials of a user. */
export interface UserCredentialTable {
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

export interface UserPasskeyTable {
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

export interface PasskeyChallengeTable {
  /** SHA-256 of the challenge. */
  hash: Buffer
  purpose: ChallengePurpose
  user_id: UserId | null
  expires_at: Date
}

export interface UserRecoveryCodeTable {
  user_id: UserId
  /** SHA-256 of the code. */
  hash: Buffer
  used_at: ColumnType<Date | null, undefined, Date>
}

export interface UserInvitationTable {
  /** SHA-256 of the link's secret. */
  hash: Buffer
  user_id: UserId
  made_at: Date
  expires_at: Date
  /** Sealed by the console's key. */
  totp: ColumnType<Buffer | null, undefined, Buffer>
}

export interface UserSessionTable {
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

export interface SignInAttemptTable {
  subject: Buffer
  failures: number
  last_at: Date
  until: Date | null
  succeeded_at: ColumnType<Date | null, undefined, Date>
}

export interface RulesTable {
  id: GeneratedAlways<number>
  /** SHA-256 of the text, hex. */
  version: string
  text: string
  published_at: Date
  published_by: string
}

export interface RulesAcknowledgedTable {
  user_id: UserId
  version: string
  acknowledged_at: Date
}

export interface UserTrainingTable {
  id: string
  user_id: UserId
  what: string
  /** `YYYY-MM-DD`. */
  held_on: string
  recorded_at: Date
  recorded_by: string
}

/** The tables of the console's people. */
export interface PeopleTables {
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
