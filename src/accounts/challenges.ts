import type { UserId } from '../core/ids.js'
import type { Db } from '../db/database.js'
import type { ChallengePurpose } from '../db/people-tables.js'
import { hashOfSecret, newSecret } from './secrets.js'

/** How long a challenge can be answered, ms: time to look for a security key. */
export const CHALLENGE_MS = 300_000

/** The use of a challenge. */
interface ChallengeFor {
  purpose: ChallengePurpose
  /** Null: any user may answer. */
  user: UserId | null
}

/**
 * Draws a challenge for a passkey. Only its SHA-256 is stored.
 *
 * @param at ms since the epoch
 * @returns 32 random bytes, base64url
 */
export async function newChallenge(
  db: Db,
  { purpose, user, at }: ChallengeFor & { at: number },
): Promise<string> {
  const challenge = newSecret().reveal()
  await db.deleteFrom('passkey_challenge').where('expires_at', '<=', new Date(at)).execute()
  await db
    .insertInto('passkey_challenge')
    .values({
      ...{ hash: hashOfSecret(challenge)!, purpose, user_id: user },
      expires_at: new Date(at + CHALLENGE_MS),
    })
    .execute()
  return challenge
}

/** Uses a challenge up. @returns true if it was drawn for this purpose and user, and is neither used nor too old */
export async function useChallenge(
  db: Db,
  challenge: string,
  { purpose, user, at }: ChallengeFor & { at: number },
): Promise<boolean> {
  const hash = hashOfSecret(challenge)
  if (!hash) return false
  const used = await db
    .deleteFrom('passkey_challenge')
    .where('hash', '=', hash)
    .returning(['purpose', 'user_id', 'expires_at'])
    .executeTakeFirst()
  return (
    used !== undefined && used.purpose === purpose && used.user_id === user && used.expires_at.getTime() > at
  )
}
