import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { Config } from '../config/config.js'
import { AppError } from '../core/errors.js'
import type { UserId } from '../core/ids.js'
import type { Db } from '../db/database.js'
import type { ChallengePurpose } from '../db/tables.js'
import { hashOfSecret, newSecret } from './secrets.js'

export type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'

/**
 * The library is loaded at the first use of a passkey. Its 390 files would be a quarter of all files at the console's
 * start.
 */
const library = () => import('@simplewebauthn/server')

/** EdDSA, ES256 and RS256, as WebAuthn level 3 section 5.4 recommends (COSE numbers). */
const ALGORITHMS = [-8, -7, -257]

/** The relying party: `id` is the host, `origin` the address in browsers. */
export interface RelyingParty {
  id: string
  origin: string
}

/**
 * Finds the relying party of this console. It is undefined if the console is reached by an IP address: browsers make
 * passkeys for names only (WebAuthn level 3 section 5.1.2).
 */
export function relyingParty({
  console,
  consoleOrigin,
  consoleTls,
}: Pick<Config, 'console' | 'consoleOrigin' | 'consoleTls'>): RelyingParty | undefined {
  const origin = consoleOrigin ?? (console && `${consoleTls ? 'https' : 'http'}://localhost:${console.port}`)
  if (!origin) return undefined
  const { hostname } = new URL(origin)
  return /^[\d.]+$|[[:]/.test(hostname) ? undefined : { id: hostname, origin }
}

/** Requires a relying party. @throws AppError `request.invalid` if the console is reached by an IP address */
export function requireRelyingParty(config: Parameters<typeof relyingParty>[0]): RelyingParty {
  const found = relyingParty(config)
  if (found) return found
  throw new AppError(
    'request.invalid',
    'Passkeys are made for a name. Give the console one: set CONSENTRY_CONSOLE_ORIGIN to an address with a host name.',
  )
}

/** A stored passkey. */
export interface StoredKey {
  /** The credential's id, base64url. */
  credential: string
  /** COSE_Key. */
  publicKey: Buffer
  /** The passkey's own signature counter. 0: the passkey does not count. */
  counter: number
  transports: string[]
}

/** The user fields that go into a passkey. */
export interface KeyOwner {
  id: string
  name: string
}

/**
 * Makes the options with which a browser creates a passkey. The passkey names its user and verifies the person by a
 * finger, a face or a PIN.
 *
 * @param challenge base64url
 * @param known passkeys of the same user, which are not made again
 */
export async function registrationOptions(
  { id }: RelyingParty,
  owner: KeyOwner,
  challenge: string,
  known: readonly Pick<StoredKey, 'credential'>[],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await library()
  return generateRegistrationOptions({
    ...{ rpName: 'Consentry', rpID: id, userName: owner.name, userDisplayName: owner.name },
    ...{ userID: bytesOf(owner.id), challenge: challengeBytes(challenge), timeout: CHALLENGE_MS },
    attestationType: 'none',
    excludeCredentials: known.map(({ credential }) => ({ id: credential })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  })
}

/** Makes the options with which a browser proves a user by a passkey. @param allowed empty: any passkey */
export async function proofOptions(
  { id }: RelyingParty,
  challenge: string,
  allowed: readonly Pick<StoredKey, 'credential'>[] = [],
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await library()
  return generateAuthenticationOptions({
    ...{ rpID: id, challenge: challengeBytes(challenge), timeout: CHALLENGE_MS },
    userVerification: 'required',
    ...(allowed.length > 0 && { allowCredentials: allowed.map(({ credential }) => ({ id: credential })) }),
  })
}

/**
 * Verifies a new passkey (WebAuthn level 3 section 7.1).
 *
 * @returns undefined if it does not answer the challenge
 */
export async function verifyRegistration(
  { id, origin }: RelyingParty,
  response: RegistrationResponseJSON,
  challenge: string,
): Promise<StoredKey | undefined> {
  const { verifyRegistrationResponse } = await library()
  const verified = await verifyRegistrationResponse({
    ...{ response, expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: id },
    ...{ requireUserVerification: true, supportedAlgorithmIDs: ALGORITHMS },
  }).catch(() => undefined)
  if (!verified?.verified) return undefined
  const { credential } = verified.registrationInfo
  return {
    credential: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: response.response.transports ?? [],
  }
}

/**
 * Verifies a proof by a passkey (WebAuthn level 3 section 7.2): challenge, origin, relying party, signature,
 * verification of the person, and that the counter has not gone back.
 *
 * @returns the new counter; undefined if the proof is invalid
 */
export async function verifyProof(
  { id, origin }: RelyingParty,
  response: AuthenticationResponseJSON,
  challenge: string,
  { credential, publicKey, counter, transports }: StoredKey,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await library()
  const verified = await verifyAuthenticationResponse({
    ...{ response, expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: id },
    credential: { id: credential, publicKey: new Uint8Array(publicKey), counter, transports },
    requireUserVerification: true,
  }).catch(() => undefined)
  return verified?.verified ? verified.authenticationInfo.newCounter : undefined
}

/**
 * Reads the challenge that an answer claims to have signed, base64url; empty if absent. It is unverified, and serves as
 * a key that only finds the challenge.
 */
export function challengeIn({ response }: { response: { clientDataJSON: string } }): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'))
    const { challenge } = data as { challenge?: unknown }
    return typeof challenge === 'string' ? challenge : ''
  } catch {
    return ''
  }
}

/** True if the passkey names this user or no user. A passkey that names no user was requested by its id. */
export const isOf = ({ response }: AuthenticationResponseJSON, user: string): boolean =>
  response.userHandle === undefined || response.userHandle === Buffer.from(user).toString('base64url')

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))
const challengeBytes = (challenge: string) => new Uint8Array(Buffer.from(challenge, 'base64url'))

/** How long a challenge can be answered, ms: time to find a security key. */
const CHALLENGE_MS = 300_000

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
