import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { Config } from '../../config/config.js'
import { AppError } from '../../shared/errors.js'
import { CHALLENGE_MS } from './challenges.js'

export type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'

/** The library is loaded with the first passkey: it has 390 files, a quarter of those that a console would load at its start. */
const library = () => import('@simplewebauthn/server')

/** EdDSA, ES256 and RS256, as WebAuthn level 3 section 5.4 recommends (COSE numbers). */
const ALGORITHMS = [-8, -7, -257]

/** For whom passkeys are: `id` is the host, `origin` how browsers reach it. */
export interface RelyingParty {
  id: string
  origin: string
}

/**
 * For whom passkeys of this console are. Undefined: there can be none, because browsers make them for names only (WebAuthn level 3
 * section 5.1.2), and the console is reached by an address.
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

/** @throws AppError `request.invalid` if the console is reached by an address */
export function requireRelyingParty(config: Parameters<typeof relyingParty>[0]): RelyingParty {
  const found = relyingParty(config)
  if (found) return found
  throw new AppError(
    'request.invalid',
    'Passkeys are made for a name. Give the console one: set CONSENTRY_CONSOLE_ORIGIN to an address with a host name.',
  )
}

/** A passkey as it proves somebody. */
export interface StoredKey {
  /** Its own id, base64url. */
  credential: string
  /** COSE_Key. */
  publicKey: Buffer
  /** How often it was used, as it counts itself. 0: it does not count. */
  counter: number
  transports: string[]
}

/** A user as a passkey knows one. */
export interface KeyOwner {
  id: string
  name: string
}

/**
 * What a browser needs to make a passkey that names its user by itself, and asks for a finger, a face or a PIN.
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

/** What a browser needs to prove somebody by a passkey. @param allowed none: whichever passkey the person chooses */
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
 * @returns undefined if it is not the one that was asked for
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
 * Verifies a proof by a passkey (WebAuthn level 3 section 7.2): challenge, origin, relying party, signature, that the person was
 * verified, and that the counter has not gone back.
 *
 * @returns the new counter; undefined if it proves nothing
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

/** The challenge that an answer says it has signed, base64url. It is only looked up with it. Empty if there is none. */
export function challengeIn({ response }: { response: { clientDataJSON: string } }): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'))
    const { challenge } = data as { challenge?: unknown }
    return typeof challenge === 'string' ? challenge : ''
  } catch {
    return ''
  }
}

/** Whether a passkey says that it belongs to a user. One that says nothing was asked for by its own id. */
export const isOf = ({ response }: AuthenticationResponseJSON, user: string): boolean =>
  response.userHandle === undefined || response.userHandle === Buffer.from(user).toString('base64url')

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))
const challengeBytes = (challenge: string) => new Uint8Array(Buffer.from(challenge, 'base64url'))
