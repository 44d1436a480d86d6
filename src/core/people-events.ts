import type { ActorWay, Role } from './actor.js'
import type { PasskeyId, SessionId, UserId } from './ids.js'

/** A user, and the actor of a change of that user. */
interface UserDeed {
  user: UserId
  name: string
  by: string
  way: ActorWay
}

/**
 * The events of people who sign in to the console. No event has a passphrase, a code, a link, or the text that was
 * typed as a name.
 */
export interface PeopleEvents {
  /** A link was made. `expiresAt`: when it expires, ISO 8601. */
  'user.invited': UserDeed & { roles: Role[]; expiresAt: string }
  /** The user has accepted the invitation by passphrase and second factor, or by a passkey alone. */
  'user.accepted': { user: UserId; name: string; secondFactor: boolean; passkey?: PasskeyId }
  'user.passkey-registered': { user: UserId; name: string; passkey: PasskeyId }
  'user.passkey-removed': UserDeed & { passkey: PasskeyId }
  'user.roles-changed': UserDeed & { before: Role[]; after: Role[] }
  'user.disabled': UserDeed
  'user.enabled': UserDeed
  /**
   * Passphrase, second factor, passkeys, recovery codes and sessions were removed. A new link follows as
   * `user.invited`.
   */
  'user.reset': UserDeed
  /** `with`: what proved the user besides the passphrase. `none`: the second factor is optional, and the user has none. `passkey`: it alone. */
  'user.signed-in': {
    user: UserId
    name: string
    session: SessionId
    with: 'code' | 'recovery-code' | 'none' | 'passkey'
    passkey?: PasskeyId
  }
  /** `user`, `name`: null for an unknown name, because the typed text may be a passphrase. */
  'user.sign-in-refused': {
    user: UserId | null
    name: string | null
    reason: 'unknown' | 'disabled' | 'passphrase' | 'code' | 'passkey'
  }
  /** The user proved their identity again, in order to change credentials. `with`: as of `user.signed-in`. */
  'user.proved': {
    user: UserId
    name: string
    session: SessionId
    with: 'code' | 'recovery-code' | 'none' | 'passkey'
    passkey?: PasskeyId
  }
  'user.passphrase-changed': { user: UserId; name: string }
  'user.second-factor-changed': { user: UserId; name: string }
  'user.recovery-codes-renewed': { user: UserId; name: string }
  /** `sessions`: the ended sessions. */
  'session.ended': UserDeed & { sessions: SessionId[]; how: 'signed-out' | 'revoked' | 'replaced' }
  /** `version`: SHA-256 of the text, hex. */
  'rules.published': { version: string; by: string; way: ActorWay }
  'rules.acknowledged': { version: string; user: UserId; name: string }
  /** `on`: the day of the training, `YYYY-MM-DD`. */
  'training.recorded': UserDeed & { what: string; on: string }
}
